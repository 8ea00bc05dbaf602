import { receivedLines } from './header-lines.ts';
import { hiddenLegs, judgeChain, trustOf } from './judge-chain.ts';
import { judgeHop } from './judge-hop.ts';
import { maskAddresses } from './mask.ts';
import { parseReceived } from './parse-received.ts';
import type { HeaderAnalysis, Hop } from './types.ts';

const SHOWN_TEXT = 1_000;
/** Clocks of honest servers differ by a moment; below this a negative delay is not worth a remark. */
const TOLERATED_SECONDS = 1;

/**
 * Tells from a message's raw header how it travelled and which legs were encrypted (TA-1). Takes the header alone or a
 * whole message; reads at most 256 KiB of it and 100 Received lines, and says when there was more. Pure, and total:
 * hostile or broken input gives unreadable hops, never an error. Nothing of a person's address comes out unmasked.
 */
export function analyseHeaders(text: string): HeaderAnalysis {
  const { values, leftOut, truncated } = receivedLines(text);
  const lines = values.map((value) => ({ value, received: parseReceived(value) }));
  const trust = trustOf(lines.map(({ received }) => received));
  const hops: Hop[] = [];
  let before: Date | null = null;
  // The top line is the last to happen (RFC 5321 §4.4: each server puts its line before the others).
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    const line = lines[index];
    if (line === undefined) continue;
    const { received, value } = line;
    const trusted = trust[index] ?? 'claimed';
    const time = received?.time ?? null;
    const delaySeconds =
      time === null || before === null ? null : (time.getTime() - before.getTime()) / 1_000;
    hops.push({
      position: hops.length + 1,
      received,
      text: received === null ? maskAddresses(value).slice(0, SHOWN_TEXT).toWellFormed() : null,
      delaySeconds,
      clockSkew: delaySeconds !== null && delaySeconds < -TOLERATED_SECONDS,
      trust: trusted,
      ...judgeHop(received, trusted),
    });
    if (time !== null) before = time;
  }
  return {
    hops,
    overall: judgeChain(hops),
    hiddenLegs: hiddenLegs(hops),
    totalSeconds: totalSeconds(hops),
    leftOut,
    truncated,
  };
}

function totalSeconds(hops: readonly Hop[]): number | null {
  const times = hops.flatMap(({ received }) => received?.time?.getTime() ?? []);
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined || times.length < 2 ? null : (last - first) / 1_000;
}
