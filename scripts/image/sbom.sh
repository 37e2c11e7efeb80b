#!/bin/sh
# Prints what the image holds as SPDX 2.3 in JSON: Debian's packages, by the image's own dpkg database; the program; and what
# is linked into it statically, by the builder's database. Runs where the program was built.
#   sbom.sh DPKG_DATABASE PROGRAM VERSION CREATED LIBRARY...
set -eu
database=$1 program=$2 version=$3 created=$4
shift 4
sum=$(sha256sum "$program" | cut -d ' ' -f 1)
# SPDX knows no time zones. A build outside of a checkout is as old as its day.
created=$(date --utc --date="${created:-now}" +%Y-%m-%dT%H:%M:%SZ)
swift=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p')
# dpkg-query's own names.
# shellcheck disable=SC2016
format='${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n'

{
  dpkg-query --admindir="$database" --show --showformat="package\t$format"
  dpkg-query --show --showformat="library\t$format" "$@"
} | awk -F '\t' -v sum="$sum" -v version="${version:-unknown}" -v created="$created" -v swift="${swift:-unknown}" '
  function encoded(text) { gsub(/\+/, "%2B", text); gsub(/:/, "%3A", text); gsub(/~/, "%7E", text); return text }
  function entry(id, name, version, license, more) {
    packages = packages separator sprintf("    {\"SPDXID\": \"%s\", \"name\": \"%s\", \"versionInfo\": \"%s\"", id, name, version)
    packages = packages sprintf(", \"downloadLocation\": \"NOASSERTION\", \"filesAnalyzed\": false")
    packages = packages sprintf(", \"licenseConcluded\": \"NOASSERTION\", \"licenseDeclared\": \"%s\"", license)
    packages = packages sprintf(", \"copyrightText\": \"NOASSERTION\"%s}", more)
    separator = ",\n"
  }
  function relation(from, type, to) {
    relations = relations comma sprintf("    {\"spdxElementId\": \"%s\", \"relationshipType\": \"%s\"", from, type)
    relations = relations sprintf(", \"relatedSpdxElement\": \"%s\"}", to)
    comma = ",\n"
  }
  BEGIN {
    image = "SPDXRef-Image"
    ours = "SPDXRef-Program"
    entry(image, "lmcache-server-image", version, "NOASSERTION", ", \"primaryPackagePurpose\": \"CONTAINER\"")
    entry(ours, "lmcache-server", version, "Apache-2.0", sprintf(", \"primaryPackagePurpose\": \"APPLICATION\", \"checksums\": [{\"algorithm\": \"SHA256\", \"checksumValue\": \"%s\"}]", sum))
    relation("SPDXRef-DOCUMENT", "DESCRIBES", image)
    relation(image, "CONTAINS", ours)
    entry("SPDXRef-Static-swift", "swift-standard-library", swift, "Apache-2.0 WITH Swift-exception", "")
    relation(ours, "STATIC_LINK", "SPDXRef-Static-swift")
  }
  $2 ~ /^.i/ {
    # What a name may have and an identifier may not.
    id = "SPDXRef-" ($1 == "package" ? "Debian-" : "Static-") $3
    gsub(/\+/, ".plus", id)
    locator = sprintf("pkg:deb/debian/%s@%s?arch=%s", encoded($3), encoded($4), $5)
    entry(id, $3, $4, "NOASSERTION", sprintf(", \"supplier\": \"Organization: Debian\", \"externalRefs\": [{\"referenceCategory\": \"PACKAGE-MANAGER\", \"referenceType\": \"purl\", \"referenceLocator\": \"%s\"}]", locator))
    if ($1 == "package") relation(image, "CONTAINS", id)
    else relation(ours, "STATIC_LINK", id)
  }
  END {
    print "{"
    print "  \"spdxVersion\": \"SPDX-2.3\", \"dataLicense\": \"CC0-1.0\", \"SPDXID\": \"SPDXRef-DOCUMENT\","
    printf "  \"name\": \"lmcache-server-%s\",\n", version
    printf "  \"documentNamespace\": \"https://spdx.org/spdxdocs/lmcache-server-%s\",\n", sum
    printf "  \"creationInfo\": {\"created\": \"%s\", \"creators\": [\"Tool: sbom.sh\"]},\n", created
    printf "  \"packages\": [\n%s\n  ],\n  \"relationships\": [\n%s\n  ]\n}\n", packages, relations
  }'
