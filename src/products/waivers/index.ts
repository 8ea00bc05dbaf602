// Product: waivers of recipients who want plain mail (SL-12). In: who was told what, in which language, until when; out:
// whether a recipient has one now, for deciding and sending, and the list for staff. Owns waiver. A record says that the
// recipient has asked; whether it is heeded, and for what, is the policy's.
export { type WaiverRoutePorts, waiverRoutes } from './routes.ts';
export { createWaivers, type Waivers } from './waivers.ts';
