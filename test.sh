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

work=$(mktemp -d)
log="$work/log"

# Processes of tests run for seconds, and a fifth of what they compute would go into making code faster that has to run for hours to be worth it. So nothing is measured for
# that, and a method is compiled anew after 256 calls (the number is hexadecimal) in place of 30.
export DOTNET_TieredPGO="${DOTNET_TieredPGO:-0}"
export DOTNET_TC_CallCountThreshold="${DOTNET_TC_CallCountThreshold:-100}"

# A Kafka broker loads thousands of classes when it starts, for half of its time. One that serves nobody writes down what it came to, and all others take it from
# there. Those that start before that is there do without.
share_classes() {
  # As tests/TestSupport/ServerScripts.cs has it.
  local java="-XX:TieredStopAtLevel=1"
  kafka="../shared/kafka"
  [[ -x "$kafka/kafka-start" ]] || kafka="${KAFKA_HOME:-}"
  if [[ -n "${JAVA_TOOL_OPTIONS:-}" || ! -x "$kafka/kafka-start" ]]; then
    return
  fi
  export JAVA_TOOL_OPTIONS="$java -XX:SharedArchiveFile=$work/kafka.jsa"
  {
    JAVA_TOOL_OPTIONS="$java -XX:ArchiveClassesAtExit=$work/unfinished.jsa" "$kafka/kafka-start" 0 "$work/broker" \
      && "$kafka/kafka-stop" "$work/broker" && mv "$work/unfinished.jsa" "$work/kafka.jsa"
  } </dev/null >/dev/null 2>&1 &
}

clean_up() {
  wait
  if [[ -f "$work/broker/pid" ]]; then
    "$kafka/kafka-stop" "$work/broker" --kill
  fi
  rm -rf "$work"
}
trap clean_up EXIT

passed=0
failed=0
skipped=0

count() {
  local found
  found=$(tac "$log" | sed '/^Test run summary:/q' | sed -n "s/^ *$1: \([0-9][0-9]*\)\$/\1/p" | head -n 1)
  echo "${found:-0}"
}

# Runs test projects, so many at once as the first argument says. The summary is read, so it must be in English and free of colours.
run() {
  local filter="$work/projects.slnf" at_once=$1 code fails
  shift
  printf '{ "solution": { "path": "%s/Lambda.sln", "projects": [ %s ] } }\n' "$PWD" "$(printf '"%s", ' "$@" | sed 's/, $//')" >"$filter"
  DOTNET_CLI_UI_LANGUAGE=en dotnet test --solution "$filter" --max-parallel-test-modules "$at_once" --no-ansi --no-progress \
    "${arguments[@]}" "${skips[@]}" </dev/null 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  fails=$(count failed)
  passed=$((passed + $(count succeeded)))
  skipped=$((skipped + $(count skipped)))

  # A build that broke or a test program that crashed has no failed test to show for it, yet is a failure.
  if ((code != 0 && fails == 0)); then
    echo "test.sh: 'dotnet test' ended with exit code $code without a failed test; the reason stands above." >&2
    fails=1
  fi
  failed=$((failed + fails))
}

arguments=("$@")
cd tests && projects=(*.Tests/*.csproj) && cd ..
together=()
alone=()
for project in "${projects[@]}"; do
  case "$project" in
    EndToEnd.Tests/*) alone+=("tests/$project") ;;
    *) together+=("tests/$project") ;;
  esac
done

share_classes

# Tests that wait, for processes, brokers, browsers and one another, fit beside those that compute. Those that have processes killed by the dozen have the machine to themselves.
run 2 "${together[@]}"
run 1 "${alone[@]}"

echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
