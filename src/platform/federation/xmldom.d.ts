// The part of @xmldom/xmldom that is used here. Its own types bring the whole of `lib.dom` into every file of the server, where
// browsers' types then hide Node's: tsconfig.json points the module's name here.
interface XmlNode {
  readonly nodeType: number;
  readonly localName?: string | null;
  readonly namespaceURI?: string | null;
  readonly parentNode: XmlNode | null;
  readonly firstChild: XmlNode | null;
  readonly nextSibling: XmlNode | null;
  readonly textContent: string | null;
  toString(): string;
}

export interface XmlElement extends XmlNode {
  hasAttribute(name: string): boolean;
  getAttribute(name: string): string | null;
  getElementsByTagName(name: '*'): { readonly length: number; item(index: number): XmlElement | null };
}

type Handler = (message: string) => void;

export class DOMParser {
  constructor(options: {
    readonly errorHandler: {
      readonly warning: Handler;
      readonly error: Handler;
      readonly fatalError: Handler;
    };
  });
  parseFromString(xml: string, type: 'text/xml'): { readonly documentElement: XmlElement | null };
}
