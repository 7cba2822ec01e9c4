#!/bin/sh
# Makes .venv: the locked dependencies, hash-checked, and this checkout itself.
# Does nothing when nothing changed. PYTHON=/path/to/python3 chooses the Python.
set -eu

cd "$(dirname "$0")/.."
done_for=.venv/set-up-for

say() { printf 'setup: %s\n' "$*" >&2; }
stop() {
    say "$@"
    exit 1
}

# Whatever makes an existing .venv unfit: another place, other dependencies, other rules.
wanted() {
    pwd -P
    cksum requirements.lock pyproject.toml scripts/setup.sh
}

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        recent_enough "$PYTHON" || stop "PYTHON=$PYTHON is not a Python 3.11 or newer."
        printf '%s\n' "$PYTHON"
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if recent_enough "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    stop "Python 3.11 or newer is needed; here is $(python3 --version 2>/dev/null || echo none)." \
        "Install one, or name it: make setup PYTHON=/path/to/python3"
}

make_venv() {
    python=$(find_python)
    "$python" -c 'import venv, ensurepip; ensurepip.version()' >/dev/null 2>&1 ||
        stop "$python cannot make virtual environments: its venv module is missing." \
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
}

if [ "$(cat "$done_for" 2>/dev/null)" = "$(wanted)" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

[ -w . ] || stop "$(pwd -P) is not writable for $(id -un); make a clone of your own."
[ ! -e .venv ] || [ -w .venv ] ||
    stop ".venv belongs to another user; remove it, or make a clone of your own."

# A .venv that was moved or lost its Python is made anew; otherwise only the difference is installed.
if [ "$(head -n 1 "$done_for" 2>/dev/null)" != "$(pwd -P)" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    make_venv
fi
rm -f "$done_for"

say "installing the locked dependencies"
.venv/bin/python -m pip --disable-pip-version-check install --quiet --no-deps \
    --require-hashes -r requirements.lock ||
    stop "the dependencies could not be installed, see above. Once that is mended, run it again."
# It warns of folders named like the packages: they are the packages.
PYTHONWARNINGS=ignore .venv/bin/python -m pip --disable-pip-version-check install --quiet \
    --no-deps --no-build-isolation --editable .
# Our own modules too, or every start would compile them where PYTHONDONTWRITEBYTECODE is set.
.venv/bin/python -m compileall -q bot handlers storage sandbox
wanted >"$done_for"
say "done"
