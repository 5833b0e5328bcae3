# shellcheck shell=bash
# Sourced by the CronJobs before they use MongoDB's tools, with --config=/tmp/connection.yaml: a file keeps the password out of the list
# of processes. The operator's address names the database of the login, `admin`. To mongodump that means: only this database, which
# excludes --oplog.
umask 077
printf 'uri: "%s"\n' "${ADDRESS%%'/admin?'*}/?authSource=admin&${ADDRESS#*'/admin?'}" >/tmp/connection.yaml
