#!/bin/sh
# Fetch axe, which the tests of pages run in the browser, from npm's package into .axe/.
version=4.14.1
cd "$(dirname "$0")/../.." || exit 1
[ -f ".axe/$version" ] && exit 0
command -v npm >/dev/null 2>&1 || { echo "npm is missing: install it (apt-get install npm)" >&2; exit 1; }
rm -rf .axe && mkdir .axe
npm pack --silent --pack-destination .axe "axe-core@$version" >/dev/null \
    && tar -xzf ".axe/axe-core-$version.tgz" -C .axe --strip-components 1 package/axe.min.js \
    && touch ".axe/$version"
