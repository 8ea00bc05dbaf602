import { chownSync, renameSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Writes a file whole or not at all, and never through a symbolic link that someone put in its place.
 */
export function replaceFile(
  path: string,
  text: string,
  mode: number,
  owner?: { readonly uid: number; readonly gid: number },
): void {
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, text, { flag: 'wx', mode });
  if (owner !== undefined) chownSync(draft, owner.uid, owner.gid);
  renameSync(draft, path);
}
