// Room: text messages (SMS) to recipients. In: notices without content, in the transaction of the act that wants one; out:
// texts handed to a gateway, and what became of them. Owns text_message, text_stop, text_gateway. A text carries no PHI and
// names no organisation (TX-1): its type has no place for either. Lined up is not sent; what a crash leaves in hand is
// repeated once at most.
export type { HandedOver, ReadyText, TextGateway } from './gateway.ts';
export { createGateways, type Gateways, type ShownGateway } from './gateways.ts';
export type { TextNeeds, TextStats } from './needs.ts';
export { maskNumber, parseNumber } from './number.ts';
export type { DeliveryText } from './text.store.ts';
export { wordAlert, wordEmergency, wordTest } from './text-words.ts';
export { createTexts, type Texts } from './texts.ts';
