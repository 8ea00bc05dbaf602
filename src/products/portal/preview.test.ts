import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PREVIEW_POLICY, previewDocument, previewOf } from './preview.ts';

const text = (value: string) => Buffer.from(value);
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('rest')]);

describe('how a file can be shown is told by its octets', () => {
  it.each([
    ['PNG', PNG, { kind: 'image', type: 'image/png' }],
    ['JPEG', Buffer.from('ffd8ffe000104a464946', 'hex'), { kind: 'image', type: 'image/jpeg' }],
    ['GIF', text('GIF89a\x01\x00'), { kind: 'image', type: 'image/gif' }],
    ['WebP', Buffer.from('52494646000000005745425056503820', 'hex'), { kind: 'image', type: 'image/webp' }],
    ['RIFF that is sound', Buffer.from('524946460000000057415645', 'hex'), null],
    ['PDF', text('%PDF-1.7\n'), { kind: 'pdf' }],
    ['text', text('Blutdruck 120/80\r\nÄ\tβ'), { kind: 'text' }],
    ['text with a byte order mark', text('\uFEFFname,value'), { kind: 'text' }],
    ['HTML', text('<!doctype html><script>1</script>'), null],
    ['HTML after white space', text(' \n\t<html>'), null],
    ['HTML after a byte order mark', text('\uFEFF<html>'), null],
    ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg"/>'), null],
    ['XML', text('<?xml version="1.0"?><svg/>'), null],
    ['Latin-1', Buffer.from('Blutdr\xfccken', 'latin1'), null],
    ['a program', Buffer.from('7f454c4602010100', 'hex'), null],
    ['nothing', Buffer.alloc(0), null],
    ['text that is too long', Buffer.alloc(1024 * 1024 + 1, 'a'), null],
  ])('%s', (_name, octets, preview) => expect(previewOf(octets)).toEqual(preview));
});

describe('the document in the frame', () => {
  it('lets no markup of text or name through', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (name, words) => {
        const document = previewDocument({ name }, text(`a${words}`), { kind: 'text' });
        const ours = previewDocument({ name: '' }, text('a'), { kind: 'text' });
        expect(document.match(/</g)?.length).toBe(ours.match(/</g)?.length);
      }),
    );
  });

  it('holds a picture under the type of its octets', () => {
    const document = previewDocument({ name: '"><script>' }, PNG, { kind: 'image', type: 'image/png' });
    expect(document).toContain('src="data:image/png;base64,iVBORw0KGgpyZXN0"');
    expect(document).not.toContain('<script>');
  });

  it('may run nothing and fetch nothing', () => {
    expect(PREVIEW_POLICY).toMatch(/^sandbox; default-src 'none'; img-src data:;/);
    expect(PREVIEW_POLICY).not.toMatch(/allow-|script-src/);
  });
});
