import type { Resolver } from '#core/network';

/** What a sending domain publishes; null where DNS did not answer. */
export interface Published {
  readonly dkim: boolean | null;
  readonly spf: boolean | null;
  readonly dmarc: boolean | null;
  readonly mtaSts: boolean | null;
}

/** DKIM is there where all of our records are; SPF ends with all (RFC 7208); DMARC does not ask for `none` (RFC 7489). */
export async function lookAtDomain(
  resolver: Pick<Resolver, 'txt'>,
  domain: string,
  records: readonly { readonly name: string; readonly value: string }[],
): Promise<Published> {
  const texts = async (name: string): Promise<readonly string[] | null> => {
    const looked = await resolver.txt(name);
    return looked.kind === 'found' ? looked.records : looked.kind === 'none' ? [] : null;
  };
  const [spf, dmarc, mtaSts, ...dkim] = await Promise.all([
    texts(domain),
    texts(`_dmarc.${domain}`),
    texts(`_mta-sts.${domain}`),
    ...records.map(({ name }) => texts(name)),
  ]);
  const found = records.map(({ value }, index) => {
    const there = dkim[index];
    return there == null ? null : there.some((one) => bare(one) === bare(value));
  });
  return {
    spf: spf && spf.some((one) => /^v=spf1\s.*[-~]all\s*$/i.test(one)),
    dmarc:
      dmarc &&
      dmarc.some((one) => /^v=DMARC1\s*;/i.test(one) && /;\s*p\s*=\s*(quarantine|reject)\b/i.test(one)),
    mtaSts: mtaSts && mtaSts.some((one) => /^v=STSv1\s*;/i.test(one)),
    dkim: found.includes(null) ? null : found.length > 0 && found.every((one) => one === true),
  };
}

/** Blanks between tags are the zone's own affair. */
const bare = (text: string): string => text.replace(/\s+/g, '');
