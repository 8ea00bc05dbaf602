import { childrenOf, type DerNode } from '../der/read.ts';

/** A subtree of names (RFC 5280 §4.2.1.10). Only those of mailboxes are compared; others are counted. */
export type NameTree = { readonly kind: 'email'; readonly base: string } | { readonly kind: 'other' };

const RFC822 = 0x81;
const URL_NAME = 0x86;

/** Mailboxes and addresses in a GeneralNames. */
export function generalNames(node: DerNode | undefined): { emails: string[]; urls: string[] } {
  const emails: string[] = [];
  const urls: string[] = [];
  for (const { tag, contents } of node === undefined ? [] : childrenOf(node)) {
    if (tag === RFC822) emails.push(contents.toString('latin1'));
    else if (tag === URL_NAME) urls.push(contents.toString('latin1'));
  }
  return { emails, urls };
}

export function readNameTrees(node: DerNode | undefined): NameTree[] {
  if (node === undefined) return [];
  return childrenOf(node).map((tree) => {
    const [base] = childrenOf(tree);
    return base?.tag === RFC822
      ? { kind: 'email', base: base.contents.toString('latin1').toLowerCase() }
      : { kind: 'other' };
  });
}

/** True when the mailbox lies in the subtree: a mailbox, a host, or with a leading dot all below a domain. */
function inTree(email: string, base: string): boolean {
  const [address, host] = [email.toLowerCase(), email.slice(email.lastIndexOf('@') + 1).toLowerCase()];
  if (base.includes('@')) return address === base;
  return base.startsWith('.') ? host.endsWith(base) : host === base;
}

/** Whether all mailboxes are allowed by an authority's constraints on mailboxes. */
export function namesAllowed(
  emails: readonly string[],
  permitted: readonly NameTree[],
  excluded: readonly NameTree[],
): boolean {
  const allow = permitted.flatMap((tree) => (tree.kind === 'email' ? [tree.base] : []));
  const deny = excluded.flatMap((tree) => (tree.kind === 'email' ? [tree.base] : []));
  return emails.every(
    (email) =>
      (allow.length === 0 || allow.some((base) => inTree(email, base))) &&
      !deny.some((base) => inTree(email, base)),
  );
}
