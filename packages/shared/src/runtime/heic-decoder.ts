import { spawn } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from './messages/start.js';
import { StartFault } from './start-fault.js';

/** Limits on one run of the command. The kernel enforces all but the last. */
export interface HeicLimits {
  memoryBytes: number;
  cpuSeconds: number;
  outputBytes: number;
  timeoutMs: number;
}

export interface HeicRun {
  /** `missing`: a program could not be started. `stopped`: the command was ended from outside, whatever the file. */
  end: 'decoded' | 'failed' | 'limit' | 'missing' | 'stopped';
  /** The end of the command's stderr, or the cause of its end. */
  reason: string;
}

/** HEIC_DECODER for libheif in WebAssembly: the package `@pixdock/heic`, which is installed apart from Pixdock's images. */
export const HEIC_WASM = 'wasm';
const NO_WASM = 'the package @pixdock/heic is not installed, or the user of the decoder cannot read it';
/** Address space that Node reserves for itself. */
const NODE_BYTES = 1024 ** 3;

const STDERR_KEPT = 500;
/** Exit codes of setpriv and prlimit for a program that they cannot execute. */
const NOT_EXECUTED = [126, 127];
/** The words of libheif and of Node for a failed allocation. */
const OUT_OF_MEMORY = /memory allocation error|bad_alloc|out of memory|allocation failed/i;
/** Sent at the limit of CPU time, at the limit of file size, and after a failed allocation (V8: SIGTRAP). */
const LIMIT_SIGNALS = ['SIGXCPU', 'SIGXFSZ', 'SIGABRT', 'SIGTRAP'];
/** Sent by people, by a shutdown, and by the OOM killer. */
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'];

/**
 * Decodes a HEIC file of `folder` into a PNG, with a clean environment. The command dies with the thread that called this.
 * util-linux sets the limits, since Node cannot.
 */
export async function runHeicDecoder(
  command: string,
  { folder, input, output }: { folder: string; input: string; output: string },
  { memoryBytes, cpuSeconds, outputBytes, timeoutMs }: HeicLimits,
): Promise<HeicRun> {
  const isWasm = command === HEIC_WASM;
  const program = isWasm ? wasmProgram() : [command];
  if (program === null) return { end: 'missing', reason: NO_WASM };
  const addressSpace = `--as=${memoryBytes + (isWasm ? NODE_BYTES : 0)}`;
  // At equal limits of CPU time, the kernel would send SIGKILL.
  const cpu = `--cpu=${cpuSeconds}:${cpuSeconds + 1}`;
  const limits = [addressSpace, cpu, `--fsize=${outputBytes}`, '--core=0'];
  // Level 1 doubles the CPU time of the command, and the default triples it, for a file that is read once and deleted.
  const decode = [...program, '--png-compression-level', '0', input, output];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'prlimit', ...limits, ...decode], {
    cwd: folder,
    env: { PATH: '/usr/bin:/bin', MALLOC_ARENA_MAX: '2' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    // Its own process group: Ctrl-C in a terminal does not reach it, and what it starts can be ended with it.
    detached: true,
  });
  child.on('exit', () => endGroup(child.pid));
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr = (stderr + String(chunk)).slice(-STDERR_KEPT);
  });
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ end: 'missing', reason: message }));
    child.on('close', (code, signal) => {
      const reason = stderr.trim() || (signal ?? `exit code ${code}`);
      if (code === 0) resolve({ end: 'decoded', reason });
      else if (NOT_EXECUTED.includes(code ?? 0)) resolve({ end: 'missing', reason });
      else if (child.killed || LIMIT_SIGNALS.includes(signal ?? '') || OUT_OF_MEMORY.test(reason))
        resolve({ end: 'limit', reason });
      else if (STOP_SIGNALS.includes(signal ?? '')) resolve({ end: 'stopped', reason });
      else resolve({ end: 'failed', reason });
    });
  });
}

/** Null if the package cannot be found. */
function wasmProgram(): string[] | null {
  try {
    return [process.execPath, createRequire(import.meta.url).resolve('@pixdock/heic')];
  } catch {
    return null;
  }
}

/** Ends what a command started. It could keep the pipe of stderr open, for which `close` waits. */
function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It started nothing, or that has ended.
  }
}

/** A HEIC of 16 × 16 pixels. */
export const HEIC_SAMPLE = Buffer.from(
  [
    'AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA',
    'AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAACgAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA',
    'AA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw',
    'AAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPB',
    'iQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAEAAAAAEAAAAQAAAAAf///9AAAAAC',
    '////0AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAMG1kYXQAAAAkKAGvGSE5Eu9dpb/3',
    'iP+XpX83W3ymSqaXBNeImQsDgYCNkZ04',
  ].join(''),
  'base64',
);
const SAMPLE_LIMITS = { memoryBytes: 1024 ** 3, cpuSeconds: 10, outputBytes: 1024 ** 2, timeoutMs: 20_000 };
/** The signature of a PNG, and the head of IHDR with the size of the sample. */
const SAMPLE_HEAD = '89504e470d0a1a0a0000000d494844520000001000000010';

export class HeicDecoderFault extends StartFault {
  override readonly name = 'HeicDecoderFault';

  constructor(problem: 'heic-decoder-missing' | 'heic-decoder-fails', command: string, reason: string) {
    super('HEIC_DECODER', text(problem, { command, reason }), text('heic-decoder.fix'));
  }
}

/** Decodes a sample. @throws HeicDecoderFault if the command is missing or cannot decode HEVC */
export async function checkHeicDecoder(command: string): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'pixdock-heic-'));
  await writeFile(join(folder.path, 'sample.heic'), HEIC_SAMPLE);
  const names = { folder: folder.path, input: 'sample.heic', output: 'sample.png' };
  const { end, reason } = await runHeicDecoder(command, names, SAMPLE_LIMITS);
  if (end === 'missing') throw new HeicDecoderFault('heic-decoder-missing', command, reason);
  const png = await readFile(join(folder.path, 'sample.png')).catch(() => Buffer.of());
  if (end !== 'decoded' || !png.toString('hex').startsWith(SAMPLE_HEAD))
    throw new HeicDecoderFault('heic-decoder-fails', command, reason);
}
