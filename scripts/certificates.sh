#!/usr/bin/env bash
# Makes certificates for a first try of TLS: an authority, and what it signs for a server and for a client.
#   scripts/certificates.sh DIR [--rsa] [--name NAME]... [--client NAME]
# DIR gets ca.crt ca.key server.crt server.key client.crt client.key; an authority that is there signs again.
# --rsa     RSA of 2048 bits instead of the curve P-256, which costs a server a twentieth of the time
# --name    a DNS name or an IP address under which the server is reached; localhost, 127.0.0.1, ::1 are always among them
# --client  whom the client's certificate is about (default: engine)
# --days    how long the server's and the client's are valid (default: 90)
set -euo pipefail

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0"; }
fail() { echo "certificates.sh: $*" >&2; exit 2; }

directory="" client=engine days=90 names="DNS:localhost,IP:127.0.0.1,IP:::1"
algorithm=(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)
while (($#)); do
  case "$1" in
    --rsa) algorithm=(-algorithm RSA -pkeyopt rsa_keygen_bits:2048) ;;
    --name) name="${2:?--name needs a name}"; shift
      case "$name" in *:* | *[0-9].[0-9]*) names+=",IP:$name" ;; *) names+=",DNS:$name" ;; esac ;;
    --client) client="${2:?--client needs a name}"; shift ;;
    --days) days="${2:?--days needs a number}"; shift ;;
    -h | --help) usage; exit 0 ;;
    -*) fail "no option $1; try --help" ;;
    *) directory="$1" ;;
  esac
  shift
done
[ -n "$directory" ] || { usage >&2; exit 2; }
command -v openssl > /dev/null || fail "install openssl first"
mkdir -p "$directory"
cd "$directory"
umask 077

key() { openssl genpkey "${algorithm[@]}" -out "$1" 2> /dev/null; }

# Signs: file, subject, extensions.
sign() {
  key "$1.key"
  openssl req -new -key "$1.key" -subj "$2" |
    openssl x509 -req -sha256 -days "$days" -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" \
      -extfile <(printf '%s\n' "$3") -out "$1.crt" 2> /dev/null
}

if [ ! -f ca.key ]; then
  key ca.key
  openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj "/O=lmcache-server/CN=authority" -out ca.crt \
    -addext "keyUsage=critical,keyCertSign,cRLSign"
fi
sign server "/O=lmcache-server/CN=server" "subjectAltName=$names
extendedKeyUsage=serverAuth"
sign client "/O=lmcache-server/CN=$client" "extendedKeyUsage=clientAuth"
chmod 644 ./*.crt
