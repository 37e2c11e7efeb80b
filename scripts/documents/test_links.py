"""Each link and each picture of the documents is there."""

import unittest

import commands
import links


class LinkTests(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        pages = links.pages()
        self.assertLessEqual({"README.md", "docs/OPERATING.md", "deploy/helm/lmcache-server/README.md"}, set(pages))
        for page in pages:
            with self.subTest(page=page):
                self.assertEqual(links.broken(page, commands.read(page)), [])

    def test_what_leads_nowhere_is_seen(self):
        text = """
# A page: its `name`
## Again
## Again
[there](docs/OPERATING.md#tls), [in *two*
lines](deploy/), [titled](README.md "a title"), [here](#a-page-its-name), [second](#again-1),
[far](https://example.com/none)
<img src="docs/pictures/page-light.png" alt="a picture">
[gone](docs/NONE.md), [no heading](docs/OPERATING.md#none), [not here](#none), [third](#again-2), [out](../README.md),
[of a directory](docs#tls), ![picture](docs/pictures/none.png), <source srcset="docs/none.png 2x">, <img src="none.svg">
```
[code](none.md)
# none
```
"""
        self.assertEqual(links.broken("README.md", text), [
            "docs/NONE.md", "docs/OPERATING.md#none", "#none", "#again-2", "../README.md", "docs#tls",
            "docs/pictures/none.png", "docs/none.png", "none.svg"])


if __name__ == "__main__":
    unittest.main()
