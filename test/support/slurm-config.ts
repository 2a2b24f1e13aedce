/** The settings of a one-node Slurm in a folder of its own: loopback only, two made-up GPUs, no cgroups, no accounting. */
import { hostname } from 'node:os';

export interface SlurmPorts {
  slurmctld: number;
  slurmd: number;
  slurmrestd: number;
}

export interface SlurmClusterOptions {
  /** Seconds after which Slurm forgets a job that is over. */
  minJobAge?: number;
}

export const NODE = 'weft';
export const GPUS = 2;

export function slurmConfig(
  directory: string,
  user: string,
  ports: SlurmPorts,
  { minJobAge = 300 }: SlurmClusterOptions,
): string {
  return `ClusterName=weftline
SlurmctldHost=${hostname().split('.')[0] ?? 'localhost'}(127.0.0.1)
SlurmctldPort=${ports.slurmctld}
SlurmdPort=${ports.slurmd}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
AuthInfo=socket=${directory}/munge/socket
AuthAltTypes=auth/jwt
AuthAltParameters=jwt_key=${directory}/jwt.key
CredType=cred/munge
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/spool
SlurmctldPidFile=${directory}/slurmctld.pid
SlurmdPidFile=${directory}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
# Without these both daemons listen on every address of the machine.
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=50
SchedulerType=sched/backfill
# A job starts within a second; by default it takes three and more.
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,bf_interval=1
# Lets the node have more processors than the machine.
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=10
MinJobAge=${minJobAge}
GresTypes=gpu
NodeName=${NODE} NodeHostname=${NODE} NodeAddr=127.0.0.1 Port=${ports.slurmd} CPUs=16 RealMemory=16000 Gres=gpu:${GPUS} State=UNKNOWN
PartitionName=batch Nodes=${NODE} Default=YES MaxTime=INFINITE State=UP
PartitionName=hidden Nodes=${NODE} Hidden=YES MaxTime=5 State=UP
PartitionName=short Nodes=${NODE} MaxTime=5 State=UP
`;
}

export const gresConfig = (directory: string): string =>
  `NodeName=${NODE} Name=gpu File=${directory}/gpu[0-${GPUS - 1}]\n`;
