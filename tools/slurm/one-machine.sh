#!/usr/bin/env bash
# A Slurm of one node on this machine, to try sbatch scripts without a cluster.
#   one-machine.sh up     starts munged, slurmctld and slurmd with the configuration below; prints the line for the shell
#   one-machine.sh down   ends them and removes what up made
# Needs root and the packages slurmctld, slurmd, slurm-client and munge. State is in /run/deeperthings-slurm; the machine's own Slurm is not touched.
set -eu

state=/run/deeperthings-slurm
tasks=6

fail() { printf 'one-machine.sh: %s\n' "$*" >&2; exit 2; }

up() {
    [ "$(id -u)" -eq 0 ] || fail "Slurm's daemons need root"
    local program
    for program in munged slurmctld slurmd sbatch; do command -v $program >/dev/null || fail "$program is missing: apt-get install slurmctld slurmd slurm-client munge"; done
    [ ! -e $state ] || fail "it is up already, or was not ended: run '$0 down' first"
    trap 'down' ERR
    mkdir -p $state/spool $state/control
    chmod 711 $state
    head -c 1024 /dev/urandom >$state/munge.key
    chmod 400 $state/munge.key
    munged --socket=$state/munge.socket --key-file=$state/munge.key --pid-file=$state/munged.pid --log-file=$state/munged.log --seed-file=$state/munge.seed --force 2>/dev/null
    cat >$state/cgroup.conf <<EOF
CgroupPlugin=cgroup/v1
EOF
    # config_overrides lets one machine offer more tasks than it has cores.
    cat >$state/slurm.conf <<EOF
ClusterName=one
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$state/munge.socket
StateSaveLocation=$state/control
SlurmdSpoolDir=$state/spool
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.pid
SlurmctldLogFile=$state/slurmctld.log
SlurmdLogFile=$state/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
ReturnToService=2
MpiDefault=none
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$tasks State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
    export SLURM_CONF=$state/slurm.conf
    slurmctld -f $state/slurm.conf
    slurmd -f $state/slurm.conf
    local i
    for ((i = 0; i < 100; i++)); do
        case $(sinfo -h -o %T 2>/dev/null) in idle) trap - ERR; echo "export SLURM_CONF=$state/slurm.conf"; return ;; esac
        sleep 0.2
    done
    tail -n 3 $state/slurmctld.log $state/slurmd.log >&2
    down
    fail "the node did not become idle"
}

down() {
    local daemon pid
    for daemon in slurmd slurmctld munged; do
        pid=$(cat $state/$daemon.pid 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    done
    rm -rf $state
}

case ${1:-} in
    up) up ;;
    down) down ;;
    *) sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
