#!/bin/sh
# Succeeds if a Kafka answers at the address after --bootstrap-server. Kafka's own command is not among the installed libraries.
exec /agent ask-kafka "$2"
