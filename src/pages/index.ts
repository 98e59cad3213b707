/** The pages of the gate: documents as text, and answers that carry them. */
export { accountPage, signedOutPage } from './account.tsx';
export { confirmPage, signInToConfirmPage } from './confirm.tsx';
export type { Place } from './connect.ts';
export { connectTexts } from './connect.ts';
export { consentPage } from './consent.tsx';
export { landingPage, misplacedMcp } from './landing.tsx';
export { messagePage } from './message.tsx';
export type { HtmlOptions } from './respond.ts';
export { accountPages, authPages, htmlResponse, pageCsp } from './respond.ts';
export { commandFor, setupPage, setupProblemJson, setupResponse } from './setup.tsx';
