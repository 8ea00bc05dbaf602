import { OID } from '../der/oids.ts';
import { childrenOf, type DerNode, readOid } from '../der/read.ts';

/** A subtree of names (RFC 5280 §4.2.1.10). Only those of mailboxes are compared; others are counted. */
export type NameTree = { readonly kind: 'email'; readonly base: string } | { readonly kind: 'other' };

const OTHER_NAME = 0xa0;
const UTF8 = 0x0c;
const RFC822 = 0x81;
const URL_NAME = 0x86;

/** Mailboxes, addresses and user principal names (of smart cards) in a GeneralNames. */
export function generalNames(node: DerNode | undefined): {
  emails: string[];
  urls: string[];
  principals: string[];
} {
  const emails: string[] = [];
  const urls: string[] = [];
  const principals: string[] = [];
  for (const name of node === undefined ? [] : childrenOf(node)) {
    const { tag, contents } = name;
    if (tag === RFC822) emails.push(contents.toString('latin1'));
    else if (tag === URL_NAME) urls.push(contents.toString('latin1'));
    else if (tag === OTHER_NAME) principals.push(...principalOf(name));
  }
  return { emails, urls, principals };
}

/** OtherName { type-id, value [0] EXPLICIT UTF8String }, where the type is Microsoft's user principal name. */
function principalOf(node: DerNode): string[] {
  const [type, value] = childrenOf(node);
  if (value?.tag !== 0xa0 || readOid(type) !== OID.userPrincipalName) return [];
  const [text] = childrenOf(value);
  return text?.tag === UTF8 ? [text.contents.toString('utf8')] : [];
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
