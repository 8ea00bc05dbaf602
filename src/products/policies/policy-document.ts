import { DEFAULT_POLICY, type Policy } from '#core/policy';
import { addressIndexForm, parseAddress } from '#platform/mail';

/** A document as it may come: what was added after the first version of the format may be missing. */
export type GivenPolicy = Omit<Policy, 'version' | 'waivers' | 'triggers' | 'streams'> & {
  readonly waivers?: Policy['waivers'] | undefined;
  readonly triggers?: Policy['triggers'] | undefined;
  readonly streams?: Policy['streams'] | undefined;
};

/** A policy without its number. */
export type PolicyDocument = Omit<Policy, 'version'>;

/** What a document does not say is as for a new organisation: never more open than before. */
export function completed(document: GivenPolicy): PolicyDocument {
  const { waivers, triggers, streams } = DEFAULT_POLICY;
  return {
    ...document,
    waivers: document.waivers ?? waivers,
    triggers: document.triggers ?? triggers,
    streams: document.streams ?? streams,
  };
}

/** Addresses and domains in the form that facts carry, so that overrides meet them. */
export function normalise(document: GivenPolicy): PolicyDocument {
  return {
    ...completed(document),
    domains: document.domains.map((one) => ({
      ...one,
      domain: one.domain.trim().toLowerCase().replace(/\.$/, ''),
    })),
    recipients: document.recipients.map((one) => {
      const address = parseAddress(one.address.trim());
      return { ...one, address: address ? addressIndexForm(address) : one.address };
    }),
  };
}

/** A document that was sealed by us, with what its version of the format could not say. */
export function readDocument(text: string): PolicyDocument {
  // Sealed and authenticated: what comes out is what was put in.
  const { version: _, ...document } = JSON.parse(text) as GivenPolicy & { readonly version?: number };
  return completed(document);
}

/** Addresses of rules that no message can meet, because they are none: by path. */
export function unreadableAddresses(document: PolicyDocument): readonly string[] {
  return document.recipients.flatMap(({ address }, index) =>
    parseAddress(address) === null ? [`recipients.${index}.address`] : [],
  );
}
