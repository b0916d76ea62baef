#!/bin/bash
# Starts PostgreSQL: makes the cluster if the volume is empty, brings roles, databases and extensions up to date behind
# closed doors, then opens the network. Arguments are the server's (-c name=value). Each step may be cut off at any
# instant; the next start goes on from there.
set -Eeuo pipefail
umask 077

readonly major=17 volume=/var/lib/postgresql secrets=/run/secrets share=/usr/local/share/atlas
export PGDATA=$volume/$major/main PGHOST=/run/postgresql PGUSER=postgres

fail() {
    echo "atlas-postgres: $*" >&2
    exit 1
}

check_secrets() {
    local file
    for file in tls.crt tls.key atlas_password; do
        [[ -r $secrets/$file && -s $secrets/$file ]] || fail "$secrets/$file is missing, empty or not readable by uid $UID."
    done
}

# A lock on the volume itself, which the server inherits and the kernel drops with its last process. A process id in
# postmaster.pid says nothing here: each container counts its own, and 1 is always somebody.
claim_volume() {
    [[ -w $volume ]] || fail "$volume is not writable by uid $UID; mount a volume that this uid owns."
    exec {lock}<"$volume"
    flock --wait 10 "$lock" || fail "another container uses the volume at $volume."
    rm -f "$PGDATA/postmaster.pid"
}

check_major() {
    local found
    [[ ! -s $PGDATA/PG_VERSION || $(<"$PGDATA/PG_VERSION") != "$major" ]] || return 0
    for found in "$volume"/{,*/,*/*/}PG_VERSION; do
        [[ ! -s $found || $found == "$PGDATA".new/* ]] ||
            fail "the volume holds a cluster of PostgreSQL $(<"$found") at ${found%/*}, but this image runs" \
                "PostgreSQL $major at $PGDATA: move the data with pg_upgrade or a dump first."
    done
}

# Bash waits for a program in the foreground before it looks at a signal, so what takes long runs in the background.
stop() {
    [[ -z ${child:-} ]] || kill -INT "$child" 2>/dev/null || true
    wait
    exit 130
}

# The rename is what makes the cluster exist. initdb has synchronised all of it to disk by then.
make_cluster() {
    [[ ! -s $PGDATA/PG_VERSION ]] || return 0
    rm -rf "$PGDATA.new"
    mkdir -p "${PGDATA%/*}"
    initdb --pgdata="$PGDATA.new" --username=postgres --auth-local=peer --auth-host=reject --data-checksums \
        --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8 --no-instructions >/dev/null &
    child=$!
    wait "$child" || fail "initdb failed in $volume."
    mv -T "$PGDATA.new" "$PGDATA"
    sync "${PGDATA%/*}" "$volume"
}

# Runs one SQL file as superuser on the socket. Nothing of it is printed but errors, without the statement's text.
apply() {
    psql --quiet --no-psqlrc --dbname=postgres --set=ON_ERROR_STOP=1 --set=VERBOSITY=terse "${@:2}" --file="$share/$1" \
        >/dev/null || fail "the bootstrap failed in $1; its reason is above."
}

bootstrap() {
    # Passwords pass through here, so nothing that could write a statement down is on, whatever the arguments say.
    # WAL is kept for the archive but not sent: a start must not wait for a store that is away.
    postgres "$@" -c listen_addresses= -c archive_command= -c archive_library= -c log_statement=none \
        -c log_min_error_statement=panic -c log_min_duration_statement=-1 -c log_min_duration_sample=-1 \
        -c log_transaction_sample_rate=0 -c pgaudit.log=none -c pg_stat_statements.track=none \
        -c client_min_messages=warning &
    child=$!
    until pg_isready --quiet; do
        kill -0 "$child" 2>/dev/null || fail "the server did not start; its reason is above."
        sleep 0.1
    done
    PASSWORD_FILE=$secrets/atlas_password apply service.sql --set=name=atlas
    apply atlas.sql
    if [[ -s $secrets/marquez_password ]]; then
        PASSWORD_FILE=$secrets/marquez_password apply service.sql --set=name=marquez
    else
        apply no-marquez.sql
    fi
    kill -INT "$child"
    wait "$child" || fail "the server did not stop cleanly after its bootstrap."
}

trap stop INT TERM
check_secrets
claim_volume
check_major
make_cluster
# The server insists on a key that is its own and private, which a file in a secrets volume need not be.
install -m 0600 $secrets/tls.key $PGHOST/tls.key

# First the defaults that an argument may replace, then the arguments, then what is not up for discussion.
# Utility statements carry passwords (ALTER ROLE), so pg_stat_statements must not keep them.
settings=(
    -c "shared_preload_libraries=pgaudit,pg_stat_statements"
    -c ssl_min_protocol_version=TLSv1.2
    # Whose statement a line is about, as pgaudit's lines want it.
    -c "log_line_prefix=%m [%p] %q%u@%d "
    "$@"
    -c "hba_file=$share/pg_hba.conf"
    -c "unix_socket_directories=$PGHOST"
    -c password_encryption=scram-sha-256
    -c pg_stat_statements.track_utility=off
    -c port=5432
    -c ssl=on
    -c "ssl_cert_file=$secrets/tls.crt"
    -c "ssl_key_file=$PGHOST/tls.key"
)
bootstrap "${settings[@]}"
exec postgres "${settings[@]}" -c listen_addresses='*'
