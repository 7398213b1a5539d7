#!/bin/sh
# Creates Temporal's two databases, or upgrades them to this version's schema. Safe to run again.
# Requires POSTGRES_HOST, POSTGRES_USER and SQL_PASSWORD; the tool reads the password from the environment by itself.
set -eu

schema() {
    database=$1
    versions=$2
    tool="temporal-sql-tool --plugin postgres12 --ep $POSTGRES_HOST -p 5432 -u $POSTGRES_USER --db $database"
    $tool create
    $tool setup-schema -v 0.0
    $tool update-schema -d "/etc/temporal/schema/postgresql/v12/$versions/versioned"
}

schema temporal temporal
schema temporal_visibility visibility
