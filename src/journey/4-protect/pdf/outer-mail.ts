import type { Address, NamedAddress } from '#core/address';
import type { Message } from '#core/message';
import { buildMessage, newMessageId, type ReadMessage } from '#platform/mail';

/** Tells nothing about the message: it may travel where the path is not verified. */
const SUBJECT = 'A protected message / Un mensaje protegido';

const TEXT = `A protected message is in the attached file, protected-message.pdf.

It opens with the password that you and the sender agreed on: in person, by telephone or by letter. The password is never sent by mail. If you do not know it, ask the sender in a way that you already know; do not use telephone numbers or links from a mail.

An answer to this mail is not protected. Please do not write about your health in it.


El archivo adjunto protected-message.pdf contiene un mensaje protegido.

Se abre con la contraseña que usted acordó con el remitente: en persona, por teléfono o por carta. La contraseña nunca se envía por correo. Si no la conoce, pregunte al remitente por una vía que usted ya conozca; no use teléfonos ni enlaces que vengan en un correo.

Una respuesta a este correo no va protegida. Por favor, no escriba en ella sobre su salud.
`;

const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;

/**
 * The mail around the protected document: neutral subject and text, the same sender, reply address, date and Message-ID;
 * of the recipients only the one who gets it. Subject, text, file names and all other fields stay inside.
 */
export function outerMail(
  read: ReadMessage,
  document: Buffer,
  about: { readonly message: Message; readonly recipient: Address; readonly hostName: string },
): Promise<Buffer> {
  const { message, recipient, hostName } = about;
  const nameless = (address: Address): NamedAddress => ({ ...address, name: null });
  const built = buildMessage({
    from: read.from ?? nameless(message.sender),
    to: [nameless(recipient)],
    ...(read.replyTo.length > 0 ? { replyTo: read.replyTo } : {}),
    subject: SUBJECT,
    text: TEXT,
    attachments: [{ name: 'protected-message.pdf', type: 'application/pdf', content: document }],
    date: read.date ?? message.acceptedAt,
    hostName,
    messageId: MESSAGE_ID.test(message.messageId) ? message.messageId : newMessageId(hostName),
  });
  return built.toBuffer();
}
