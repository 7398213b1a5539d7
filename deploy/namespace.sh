#!/bin/sh
# Creates the namespace and the search attributes that flows write. Safe to run again: existing ones stay; an attribute
# that exists with another type is an error. Requires TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
set -eu

# By IP address: the command cannot always reach host names of a container network (temporalio/samples-server#136).
host=${TEMPORAL_ADDRESS%:*}
ip=$(getent ahosts "$host" | awk '$2 == "STREAM" { print $1; exit }')
export TEMPORAL_ADDRESS="${ip:-$host}:${TEMPORAL_ADDRESS##*:}"

patiently() {
    attempts=1
    until "$@"; do
        if [ "$attempts" -ge 20 ]; then
            echo "Gave up on: $*" >&2
            return 1
        fi
        attempts=$((attempts + 1))
        sleep 2
    done
}

attribute() {
    temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}

patiently temporal operator cluster health

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 72h

# It takes seconds until all parts of the server know a new namespace.
patiently temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" >/dev/null

attribute MfaFlow Keyword
attribute MfaPhase Keyword
attribute MfaChannel Keyword
attribute MfaOutcome Keyword
attribute MfaBudget Keyword
attribute MfaSends Int
attribute MfaWrongCodes Int
