// Owns the systemd unit of a server: what it may use, how it is restarted, how it is kept in.

/** What a unit is written for. */
export interface UnitOptions {
  /** The program and its first argument, both absolute. */
  readonly node: string;
  readonly script: string;
  readonly port: number;
  /** Absolute paths of configuration files; null for none. */
  readonly config: string | null;
  /** Absolute path of the file of alerts, which holds secrets; null for none. */
  readonly alerts: string | null;
  /** As systemd writes sizes: `4G`. */
  readonly memoryMax: string;
}

/** The unit's text. */
export function toUnit({ node, script, port, config, alerts, memoryMax }: UnitOptions): string {
  const args = [node, script, 'serve', '--port', String(port), '--data-dir', '/var/lib/corral'];
  const all = [...args, ...(config === null ? ['--no-config'] : ['--config', config])];
  const start = all.map(quoted).join(' ');
  // Read by systemd, and shown to this service alone: others need not be able to read its secrets.
  const told =
    alerts === null ? '' : `LoadCredential=alerts.yaml:${alerts.replaceAll('%', '%%')}\n`;
  return `[Unit]
Description=Corral: runs macros, contained
Documentation=man:systemd.service(5)
After=network.target
StartLimitIntervalSec=300
StartLimitBurst=10

[Service]
Type=notify
NotifyAccess=all
${told}ExecStart=${start}${alerts === null ? '' : ' --alerts %d/alerts.yaml'}
WatchdogSec=60
Restart=on-failure
RestartSec=2
# Runs may come to their end (load.drain) before anything is killed.
KillMode=mixed
TimeoutStopSec=90

DynamicUser=yes
StateDirectory=corral
StateDirectoryMode=0700
WorkingDirectory=/var/lib/corral
UMask=0077

# Each worker has a memory cgroup of its own below this one.
Delegate=memory pids
MemoryMax=${memoryMax}
MemorySwapMax=0
TasksMax=2048
LimitNOFILE=65536
OOMPolicy=continue

NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
SystemCallArchitectures=native
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
CapabilityBoundingSet=
# Left out on purpose. MemoryDenyWriteExecute: V8 compiles. RestrictNamespaces, ProtectKernelTunables, ProtectProc and
# PrivateUsers: the walls around the workers are namespaces of their own, with a /proc of their own.

[Install]
WantedBy=multi-user.target
`;
}

/** An argument as a unit file takes it: specifiers and variables are not expanded. */
function quoted(argument: string): string {
  const escaped = argument.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@%+=:,./-]+$/.test(argument) ? escaped : `"${escaped}"`;
}
