import type { Address, NamedAddress } from '#core/address';
import type { DeliveryId } from '#core/ids';
import type { Message } from '#core/message';
import { buildMessage, newMessageId, type ReadMessage } from '#platform/mail';
import type { PartPlace } from './message-pdf.ts';
import type { PasswordChannel } from './pdf-sending.ts';

/** Tells nothing about the message: it may travel where the path is not verified. */
const SUBJECT = 'A protected message / Un mensaje protegido';

/** Where the password is found. It names neither the password nor an address to press: those come by their own way. */
const PASSWORD: Readonly<Record<PasswordChannel, readonly [english: string, spanish: string]>> = {
  agreed: [
    'It opens with the password that you and the sender agreed on: in person, by telephone or by letter. The password is never sent by mail. If you do not know it, ask the sender in a way that you already know; do not use telephone numbers or links from a mail.',
    'Se abre con la contraseña que usted acordó con el remitente: en persona, por teléfono o por carta. La contraseña nunca se envía por correo. Si no la conoce, pregunte al remitente por una vía que usted ya conozca; no use teléfonos ni enlaces que vengan en un correo.',
  ],
  text: [
    'It opens with a password that comes to your telephone as a text message. The password is never sent by mail. Capital letters do not occur in it, and its dashes belong to it. If it does not arrive, ask the sender in a way that you already know; do not use telephone numbers or links from a mail.',
    'Se abre con una contraseña que llega a su teléfono en un mensaje de texto. La contraseña nunca se envía por correo. No tiene mayúsculas, y sus guiones forman parte de ella. Si no llega, pregunte al remitente por una vía que usted ya conozca; no use teléfonos ni enlaces que vengan en un correo.',
  ],
  portal: [
    'It opens with a password that waits for you on the secure pages of the sender, under "PDF passwords", after you have signed in there. A notice of its own tells you when it is there. The password is never sent by mail.',
    'Se abre con una contraseña que le espera en las páginas seguras del remitente, en «Contraseñas de PDF», después de iniciar sesión. Un aviso aparte le dice cuándo está disponible. La contraseña nunca se envía por correo.',
  ],
};

function textOf(channel: PasswordChannel, place: PartPlace | null): string {
  const [english, spanish] = PASSWORD[channel];
  const [inEnglish, inSpanish] =
    place === null
      ? ['', '']
      : [
          ` This is mail ${place.part} of ${place.of}. Each opens by itself, all with the same password.`,
          ` Este es el correo ${place.part} de ${place.of}. Cada uno se abre por sí solo, todos con la misma contraseña.`,
        ];
  return `A protected message is in the attached file, protected-message.pdf.${inEnglish}

${english}

An answer to this mail is not protected. Please do not write about your health in it.


El archivo adjunto protected-message.pdf contiene un mensaje protegido.${inSpanish}

${spanish}

Una respuesta a este correo no va protegida. Por favor, no escriba en ella sobre su salud.
`;
}

const MESSAGE_ID = /^<[!-;=?-~]{1,900}>$/;

/** What is to be known of the copy beside the message. */
export interface OuterFacts {
  readonly message: Message;
  readonly delivery: DeliveryId;
  readonly recipient: Address;
  readonly hostName: string;
  readonly channel: PasswordChannel;
  /** Null where there is one mail only. */
  readonly place: PartPlace | null;
}

/**
 * The mail around the protected document: neutral subject and text, the same sender, reply address, date and Message-ID;
 * of the recipients only the one who gets it. Subject, text, file names and all other fields stay inside. Of several mails
 * the first has the message's id and the others refer to it; theirs are the same at each try, so that a mail system which
 * sees a part twice can tell.
 */
export function outerMail(read: ReadMessage, document: Buffer, facts: OuterFacts): Promise<Buffer> {
  const { message, delivery, recipient, hostName, channel, place } = facts;
  const nameless = (address: Address): NamedAddress => ({ ...address, name: null });
  const own = MESSAGE_ID.test(message.messageId) ? message.messageId : null;
  const first = own ?? (place === null ? newMessageId(hostName) : `<${delivery}.1@${hostName}>`);
  const later = place !== null && place.part > 1;
  const built = buildMessage({
    from: read.from ?? nameless(message.sender),
    to: [nameless(recipient)],
    ...(read.replyTo.length > 0 ? { replyTo: read.replyTo } : {}),
    subject: place === null ? SUBJECT : `${SUBJECT} (${place.part}/${place.of})`,
    text: textOf(channel, place),
    attachments: [{ name: 'protected-message.pdf', type: 'application/pdf', content: document }],
    date: read.date ?? message.acceptedAt,
    hostName,
    messageId: later ? `<${delivery}.${place.part}@${hostName}>` : first,
    ...(later ? { inReplyTo: first, references: [first] } : {}),
  });
  return built.toBuffer();
}
