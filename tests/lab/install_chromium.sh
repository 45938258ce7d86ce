#!/bin/sh
# Install Chromium, which the tests of the explorer page drive, where that can be done without asking.
command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing chromium"
    { apt-get update -qq \
        && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver; } \
        >/dev/null 2>&1 && exit 0
fi
echo "chromium or chromedriver is missing: install them (apt-get install chromium chromium-driver)" >&2
