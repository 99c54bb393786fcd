import { execFileSync } from 'node:child_process';
import { isAlive } from '@pixdock/shared/testing/processes';
import { installWithApt } from './apt.js';

/** A host of a network on this machine: a network namespace with its own address and host name. */
export interface Host {
  name: string;
  address: string;
  /** The words before a command that runs on this host. */
  through: readonly string[];
  /** Drops every packet from and to other hosts, without a reset; with ports, only those of connections from these ports. */
  cutOff(ports?: readonly string[]): void;
  heal(): void;
  /** The ports of other hosts that are connected to this one. */
  peerPorts(): string[];
}

export interface Network {
  /** The address of this process. */
  address: string;
  addHost(name: string): Host;
  /** Removes all hosts; the end of this process does, too. */
  remove(): void;
}

/** So begins the name of a network of the process with this pid. */
const nameOf = (pid: number | string) => `pd${pid}`;
/** Sets the host name in $0, and becomes the command that follows it. */
const NAMED = ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"'];

/**
 * Makes a network whose hosts are connected by one switch. A process has one network at a time. Networks of processes that were killed
 * are removed.
 * @throws unless this is Linux, the user is root, and `ip` and `nft` are installed
 */
export function openNetwork(): Network {
  run('nft --version');
  removeLeftovers();
  const name = nameOf(process.pid);
  const hub = `${name}-switch`;
  const subnet = `10.252.${process.pid % 256}`;
  const address = `${subnet}.1`;
  const hosts: string[] = [];
  const plug = (port: string) => run(`ip -n ${hub} link set ${port} master hub up`);
  const remove = () => removeNetwork(name);
  process.once('exit', remove);
  try {
    run(`ip netns add ${hub}`);
    run(`ip -n ${hub} link add hub up type bridge`);
    run(`ip link add ${name} type veth peer name ours netns ${hub}`);
    run(`ip addr add ${address}/24 dev ${name}`);
    run(`ip link set ${name} up`);
    plug('ours');
  } catch (error) {
    remove();
    throw error;
  }
  return {
    address,
    addHost(host) {
      const space = `${name}-${host}`;
      hosts.push(host);
      const own = `${subnet}.${1 + hosts.length}`;
      run(`ip netns add ${space}`);
      run(`ip -n ${space} link set lo up`);
      run(`ip -n ${space} link add eth0 type veth peer name ${host} netns ${hub}`);
      run(`ip -n ${space} addr add ${own}/24 dev eth0`);
      run(`ip -n ${space} link set eth0 up`);
      plug(host);
      const inside = (command: string, input?: string) => run(`ip netns exec ${space} ${command}`, input);
      return {
        name: host,
        address: own,
        through: ['ip', 'netns', 'exec', space, ...NAMED, host],
        cutOff: (ports) => void inside('nft -f -', rulesOf(ports)),
        heal: () => void inside('nft flush ruleset'),
        peerPorts: () => [...inside('ss -Htn').matchAll(/:(\d+) *$/gm)].map(([, port = '']) => port),
      };
    },
    remove,
  };
}

function rulesOf(ports: readonly string[] | undefined): string {
  const rule = (field: string) =>
    ports === undefined ? 'drop' : `tcp ${field} { ${ports.join(', ')} } drop`;
  return `flush ruleset
    table ip lost {
      chain in { type filter hook input priority 0; iifname "lo" accept; ${rule('sport')}; }
      chain out { type filter hook output priority 0; oifname "lo" accept; ${rule('dport')}; }
    }`;
}

/** Makes a network for a command; installs what it needs. @throws Error with what to do */
export async function needNetwork(say: (line: string) => void): Promise<Network> {
  try {
    return openNetwork();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing && (await installWithApt(['iproute2', 'nftables'], say))) return openNetwork();
    throw new Error(
      'network namespaces are needed: run this as root on Linux, with ip and nft (apt-get install iproute2 nftables)',
      { cause: error },
    );
  }
}

function removeLeftovers(): void {
  const pids = [...spaces(), ...links()].map((name) => /^pd(\d+)(?:-|$)/.exec(name)?.[1] ?? '');
  for (const pid of new Set(pids)) if (pid !== '' && !isAlive(Number(pid))) removeNetwork(nameOf(pid));
}

function removeNetwork(name: string): void {
  // The kernel keeps a namespace, and its links, as long as it has connections whose packets are dropped.
  if (links().includes(name)) run(`ip link del ${name}`);
  for (const space of spaces()) if (space.startsWith(`${name}-`)) run(`ip netns del ${space}`);
}

const spaces = () => namesIn(run('ip netns list'));
const links = () => namesIn(run('ip -brief link'));
const namesIn = (lines: string) => lines.split('\n').map((line) => line.split(/[ @]/)[0] ?? '');

function run(command: string, input?: string): string {
  const [program = '', ...args] = command.split(' ');
  return execFileSync(program, args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });
}
