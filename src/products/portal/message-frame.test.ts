import { describe, expect, it } from 'vitest';
import type { ReadAttachment } from '#platform/mail';
import { FRAME_POLICY, frameDocument } from './message-frame.ts';

const picture = (contentId: string, type = 'image/png', bytes = Buffer.from('pixels')): ReadAttachment => ({
  index: 0,
  name: 'p.png',
  type,
  size: bytes.length,
  contentId,
  inline: true,
  open: () => bytes,
});

describe('the frame of a formatted message', () => {
  it('allows neither script, nor form, nor anything from elsewhere', () => {
    const policy = new Map(FRAME_POLICY.split('; ').map((line) => [line.split(' ')[0], line]));
    expect(policy.get('default-src')).toBe("default-src 'none'");
    expect(policy.get('img-src')).toBe('img-src data:');
    expect(policy.get('form-action')).toBe("form-action 'none'");
    expect(policy.has('script-src')).toBe(false);
    expect(policy.get('sandbox')).not.toMatch(/allow-(scripts|same-origin|forms|top-navigation|downloads)/);
  });

  it('disarms elements that reach out beside the policy, in any spelling', () => {
    const sent =
      '<LINK rel=preconnect href=//x><meta http-equiv=refresh content="0;url=//x"><Base href=//x><link/rel=dns-prefetch>';
    const shown = frameDocument(sent, []).slice(frameDocument('', []).length);
    expect(shown).not.toMatch(/<(link|meta|base)/i);
    expect(shown.match(/<x-/g)).toHaveLength(4);
  });

  it('cannot be made to build an element by disarming another', () => {
    const shown = frameDocument('<li<linknk rel=x><<metameta>', []).slice(frameDocument('', []).length);
    expect(shown).not.toMatch(/<(link|meta|base)\b/i);
  });

  it('shows the pictures of the message itself and no others', () => {
    const sent =
      '<img src="cid:one@x"><img src=cid:two><img src="cid:page"><img src="https://t.example/p.gif">';
    const shown = frameDocument(sent, [
      picture('one@x'),
      picture('two', 'image/jpeg'),
      picture('page', 'image/svg+xml'),
    ]);
    expect(shown).toContain(`<img src="data:image/png;base64,${Buffer.from('pixels').toString('base64')}">`);
    expect(shown).toContain('<img src=data:image/jpeg;base64,');
    expect(shown).toContain('cid:page');
  });

  it('stops at sixteen megabytes of pictures', () => {
    const large = picture('big', 'image/png', Buffer.alloc(17 * 1024 * 1024));
    expect(frameDocument('<img src="cid:big">', [large])).toContain('cid:big');
  });
});
