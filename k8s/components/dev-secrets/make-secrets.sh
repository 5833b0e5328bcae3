#!/usr/bin/env bash
# Creates the secrets of this component and of k8s/plain-servers, in files next to their kustomizations, and keeps existing ones.
# Remove a file, and what was made of it, to get a new secret.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
servers=../../plain-servers
umask 077

token() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# put FILE TEXT: keeps an existing file. A file that was interrupted half way is not one.
put() {
  [[ -s $1 ]] && return
  printf '%s' "$2" >"$1.new"
  mv "$1.new" "$1"
}

for name in dapr-api-token app-api-token operator-token; do put "$name" "$(token)"; done
put secrets.json "{ \"session\": \"$(token)\" }"

# One password for whichever servers run. It begins with a letter, because NATS reads a value that begins with a digit as a number.
put server-password "p$(token)"
password=$(<server-password)
for name in mongodb postgresql rabbitmq redis nats; do put "$servers/$name/password" "$password"; done

# ssl ARGUMENTS…: openssl, which prints its progress like errors.
ssl() {
  local output
  output=$(openssl "$@" 2>&1) || { printf '%s\n' "$output" >&2; return 1; }
}

# Kafka recognises its clients by certificates.
# certificate NAME HOST: NAME.key and NAME.crt, signed by the authority.
certificate() {
  [[ -s $1.crt ]] && return
  ssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  printf 'subjectAltName=DNS:%s\n' "$2" >"$1.names"
  ssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -set_serial "0x$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')" \
    -days 3650 -sha256 -extfile "$1.names" -out "$1.crt.new"
  mv "$1.crt.new" "$1.crt"
  rm "$1.csr" "$1.names"
}
if [[ ! -s ca.crt ]]; then
  # Not every default configuration makes an authority of it.
  printf '[req]\ndistinguished_name=d\nx509_extensions=v\n[d]\n[v]\nbasicConstraints=critical,CA:TRUE\n' >ca.settings
  ssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj /CN=purchase-system -config ca.settings -keyout ca.key -out ca.crt.new
  mv ca.crt.new ca.crt
  rm ca.settings
fi
certificate kafka kafka-kafka-bootstrap.kafka.svc
certificate purchase-system purchase-system
certificate keda keda
put "$servers/kafka/server.pem" "$(cat kafka.key kafka.crt)"
put "$servers/kafka/ca.crt" "$(<ca.crt)"

# The addresses that contain the password.
put amqp-url "amqp://purchase-system:$password@rabbitmq.rabbitmq.svc:5672"
put nats-url "nats://purchase-system:$password@nats.nats.svc:4222"
put postgres-url "postgres://purchase-system:$password@postgresql.postgresql.svc:5432/purchases"
echo "The secrets are in $PWD."
