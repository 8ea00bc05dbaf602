// The part of xml-crypto that tests use to sign what an attacker would; see samlify.d.ts.
export class SignedXml {
  constructor(options: object);
  addReference(reference: object): void;
  computeSignature(xml: string, options: object): void;
  getSignedXml(): string;
}
