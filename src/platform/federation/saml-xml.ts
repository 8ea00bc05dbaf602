import { DOMParser, type XmlElement } from '@xmldom/xmldom';

export type { XmlElement } from '@xmldom/xmldom';

const ELEMENT = 1;
const TEXT = 3;

/**
 * Parses what somebody else sent; null when it is not well formed, or holds what SAML has no use for and attackers have:
 * document types, entities, comments, CDATA, processing instructions (SAML 2.0 Core needs none of them).
 */
export function parseSafely(xml: string): XmlElement | null {
  if (/<[!?]/.test(xml.replace(/^\s*<\?xml\s[^<>]{0,100}\?>/, ''))) return null;
  // The first fault ends it: the parser's way of mending what is broken takes minutes for a few hundred kilobytes of `<`.
  const fault = (): never => {
    throw new Error('not well formed');
  };
  const handler = { warning: fault, error: fault, fatalError: fault };
  try {
    return new DOMParser({ errorHandler: handler }).parseFromString(xml, 'text/xml').documentElement;
  } catch {
    // By the handler, or by the parser itself for what is beyond repair.
    return null;
  }
}

/** Elements that stand directly in another, of that name. */
export function childrenOf(parent: XmlElement, namespace: string, name: string): readonly XmlElement[] {
  return elementsIn(parent).filter((one) => one.localName === name && one.namespaceURI === namespace);
}

/** The one element of that name directly in another; null when there is none, or more than one. */
export function onlyChild(parent: XmlElement, namespace: string, name: string): XmlElement | null {
  const [first, ...more] = childrenOf(parent, namespace, name);
  return more.length === 0 ? (first ?? null) : null;
}

/** Elements of a local name anywhere, whatever their namespace: an attacker may choose both. */
export function everywhere(root: XmlElement, name: string): readonly XmlElement[] {
  return [root, ...descendants(root)].filter((one) => one.localName === name);
}

/** Every element below. */
export function descendants(root: XmlElement): readonly XmlElement[] {
  const found = root.getElementsByTagName('*');
  return Array.from({ length: found.length }, (_, index) => found.item(index)).flatMap((one) => one ?? []);
}

/** The text of an element that holds nothing but text; null otherwise. */
export function plainText(element: XmlElement): string | null {
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType !== TEXT) return null;
  }
  return element.textContent ?? '';
}

/** An attribute's value; null where there is none. */
export function attributeOf(element: XmlElement, name: string): string | null {
  return element.hasAttribute(name) ? element.getAttribute(name) : null;
}

function elementsIn(parent: XmlElement): readonly XmlElement[] {
  const found: XmlElement[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (isElement(node)) found.push(node);
  }
  return found;
}

function isElement(node: { readonly nodeType: number }): node is XmlElement {
  return node.nodeType === ELEMENT;
}
