#!/bin/bash
# Starts MinIO: brings buckets, policies and users up to date behind closed doors, then opens the network.
# Each step may be cut off at any instant; the next start does all of them again.
set -Eeuo pipefail
umask 077

readonly secrets=/run/secrets certs=/run/secrets/certs share=/usr/local/share/atlas
readonly provisioned=/tmp/provisioned # read by the health check
readonly days=${RETENTION_DAYS:-30}
# Named files that don't exist would not stop MinIO: it would take its well-known default login.
export MINIO_ROOT_USER_FILE=$secrets/root_user MINIO_ROOT_PASSWORD_FILE=$secrets/root_password
export MINIO_BROWSER=off MINIO_UPDATE=off HOME=/tmp MC_CONFIG_DIR=/tmp/mc

fail() {
    echo "atlas-minio: $*" >&2
    exit 1
}

# Without a certificate MinIO would speak plain http.
check_settings() {
    local file
    for file in $secrets/root_user $secrets/root_password $certs/public.crt $certs/private.key $certs/CAs/ca.crt; do
        [[ -r $file && -s $file ]] || fail "$file is missing, empty or not readable by uid $UID."
    done
    [[ $days =~ ^[1-9][0-9]{0,4}$ ]] || fail "RETENTION_DAYS must be a whole number of days from 1 to 99999, not '$days'."
}

# A lock on the volume itself, which the server inherits and the kernel drops with its last process.
claim_volume() {
    [[ -w /data ]] || fail "/data is not writable by uid $UID; mount a volume that this uid owns."
    exec {lock}</data
    flock --wait 10 "$lock" || fail "another container uses the volume at /data."
}

# MinIO lets itself have 90 % of the container's memory before it collects garbage. Passwords are hashed with 64 MB each,
# in mc too, which runs beside the server: with less than a third left to others the kernel kills one of them.
limit_memory() {
    local limit
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || true)
    if [[ $limit =~ ^[0-9]{1,15}$ ]]; then
        options+=("--memlimit=$((limit * 6 / 10))")
    fi
}

json_string() {
    local text
    text=$(<"$1")
    text=${text//\\/\\\\}
    printf '"%s"' "${text//\"/\\\"}"
}

# The root login reaches mc through standard input and a file in memory; a command line can be read by others.
log_in() {
    printf '{"url":"https://127.0.0.1:9001","accessKey":%s,"secretKey":%s,"api":"S3v4","path":"on"}' \
        "$(json_string $secrets/root_user)" "$(json_string $secrets/root_password)" | mc alias import store >/dev/null
}

# Makes a user anew, so that it has this secret and this policy and nothing that was derived from an older secret.
# A user whose secret is gone is gone.
user() {
    local name=$1 secret=$2
    [[ ! " ${users//$'\n'/ } " == *" $name "* ]] || mc admin user remove store "$name"
    [[ -s $secret ]] || return 0
    mc admin policy create store "$name" "$share/$name.json"
    mc admin user add store "$name" <"$secret"
    mc admin policy attach store "$name" --user "$name"
}

provision() {
    local bucket users
    for bucket in landing backups docs; do
        mc mb --ignore-existing "store/$bucket"
        mc version enable "store/$bucket"
    done
    # A lock can only be had from the start, and brings versioning with it. Compliance mode would forbid lawful erasure.
    mc mb --ignore-existing --with-lock store/archive
    mc retention set --default governance "${days}d" store/archive
    users=$(mc admin user list store)
    user atlas $secrets/atlas_secret_key
    user atlas-erasure $secrets/erasure_secret_key
    user atlas-backup $secrets/backup_secret_key
}

wait_until_ready() {
    local server=$1 until=$((SECONDS + 120))
    until timeout 2 mc ready store >/tmp/mc/ready 2>&1; do
        kill -0 "$server" 2>/dev/null || fail "MinIO did not start; its reason is above."
        # A certificate that isn't ours won't get better by waiting.
        if ((SECONDS >= until)) || grep -q x509: /tmp/mc/ready; then
            fail "MinIO does not answer as it should: $(tail -n 1 /tmp/mc/ready)"
        fi
        sleep 0.1
    done
}

check_settings
claim_volume
rm -rf $provisioned $MC_CONFIG_DIR
mkdir -p $MC_CONFIG_DIR/certs/CAs
cp $certs/CAs/ca.crt $MC_CONFIG_DIR/certs/CAs/

options=(--quiet --certs-dir "$certs")
limit_memory
minio server /data "${options[@]}" --address 127.0.0.1:9001 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server || true' EXIT
trap 'exit 143' INT TERM
trap 'echo "atlas-minio: provisioning failed; the reason is above." >&2' ERR
log_in
wait_until_ready $server
provision >/dev/null
trap - EXIT ERR
kill $server
wait $server || fail "MinIO did not stop cleanly after provisioning."
rm -rf $MC_CONFIG_DIR

# root is for provisioning. On the network its login is refused, unless the site asks for it.
export MINIO_API_ROOT_ACCESS=${MINIO_API_ROOT_ACCESS:-off}
touch $provisioned
echo "atlas-minio: buckets, policies and users are in place."
exec minio server /data "${options[@]}" --address :9000
