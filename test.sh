#!/usr/bin/env bash
# Runs every test of the solution. The last line is the sum over all test projects: "N passed, N failed, N skipped".
# The exit code is 0 only when all tests that ran passed.
#
#   ./test.sh                        builds, then tests
#   ./test.sh -c Release --no-build  arguments go to 'dotnet test'
#
# A test that needs something this machine lacks (a browser, say) skips and says why.
# LAMBDA_TESTS_NO_SKIP=1 makes such a skip a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

if ! command -v dotnet >/dev/null; then
  echo "test.sh: 'dotnet' is not on the PATH. Install the .NET 10 SDK: https://dotnet.microsoft.com/download" >&2
  exit 127
fi

skips=()
if [[ "${LAMBDA_TESTS_NO_SKIP:-}" == 1 ]]; then
  skips=(--fail-skips on)
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# The summary is read below, so it must be in English and free of colours. Projects run one after the other: several start the whole platform
# as processes, and would only wait for one another.
DOTNET_CLI_UI_LANGUAGE=en dotnet test --solution Lambda.sln --max-parallel-test-modules 1 --no-ansi --no-progress "$@" "${skips[@]}" </dev/null 2>&1 | tee "$log"
code=${PIPESTATUS[0]}

count() {
  tac "$log" | sed '/^Test run summary:/q' | sed -n "s/^ *$1: \([0-9][0-9]*\)\$/\1/p" | head -n 1
}
passed=$(count succeeded)
failed=$(count failed)
skipped=$(count skipped)
: "${passed:=0}" "${failed:=0}" "${skipped:=0}"

# A build that broke or a test program that crashed has no failed test to show for it, yet is a failure.
if ((code != 0 && failed == 0)); then
  echo "test.sh: 'dotnet test' ended with exit code $code without a failed test; the reason stands above." >&2
  failed=1
fi
if ((code == 0 && (failed > 0 || passed == 0))); then
  code=1
fi

echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
