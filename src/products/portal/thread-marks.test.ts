import { describe, expect, it } from 'vitest';
import { parseHeader } from '#platform/mail';
import { answeredIds } from './thread-marks.ts';

const fieldsOf = (text: string) => parseHeader(Buffer.from(text.replaceAll('\n', '\r\n'))).fields;

describe('what a header says it answers', () => {
  it.each([
    ['nothing', 'Subject: x\n', []],
    ['one', 'In-Reply-To: <a@x.test>\n', ['<a@x.test>']],
    ['a folded list, each once', 'References: <a@x>\n <b@x>\nIn-Reply-To: <b@x>\n', ['<a@x>', '<b@x>']],
    ['words instead of an id', 'In-Reply-To: Your message of Monday\n', []],
    ['an id that is not closed', 'In-Reply-To: <a@x\n', []],
  ])('%s', (_name, header, ids) => expect(answeredIds(fieldsOf(header))).toEqual(ids));

  it('looks at the newest twenty only', () => {
    const ids = Array.from({ length: 50 }, (_, i) => `<${i}@x>`);
    expect(answeredIds(fieldsOf(`References: ${ids.join('\n ')}\n`))).toEqual(ids.slice(-20));
  });
});
