/** Forms and their like: consent, revoking, confirming, the authorization request itself, registration. */
import type { Draw } from '../draw.ts';
import { spoil } from '../draw.ts';
import type { Shot } from '../shot.ts';
import type { FormTarget, Target } from '../target.ts';
import { wellFormed } from './cookies.ts';
import { oneLine } from './edge.ts';
import { spoiledJson } from './spoiled-json.ts';

export async function formsShot(draw: Draw, target: Target): Promise<Shot> {
  return draw.oneOf([consent, revoke, confirm, authorizationRequest, registration])(draw, target);
}

function consent(draw: Draw, target: Target): Shot {
  return posted(draw, target, target.consent);
}

/** What is revoked would be gone for the inputs that follow: never the whole form as it is. */
function revoke(draw: Draw, target: Target): Shot {
  const { fields, ...form } = target.revokeForm;
  return posted(draw, target, { ...form, fields: fields.map(([name, value]) => [name, spoil(draw, value)]) });
}

function confirm(draw: Draw, target: Target): Shot {
  const path = `/confirm/${encodeURIComponent(wellFormed(draw.nasty())) || 'x'}`;
  return posted(draw, target, { path, cookie: target.pageCookie, fields: target.revokeForm.fields });
}

function posted(draw: Draw, target: Target, form: FormTarget): Shot {
  const fields = form.fields.map(([name, value]) => [name, value] as [string, string]);
  for (let changes = 1 + draw.int(3); changes > 0; changes -= 1) {
    const at = draw.int(Math.max(1, fields.length));
    const [name, value] = fields[at] ?? ['x', ''];
    const how = draw.int(5);
    if (how === 0) fields.splice(at, 1);
    else if (how === 1) fields.push([name, wellFormed(draw.nasty())]);
    else fields[at] = [draw.chance(0.9) ? name : wellFormed(draw.nasty()), wellFormed(spoil(draw, value))];
  }
  const multipart = draw.chance(0.1);
  return {
    method: 'POST',
    target: form.path,
    headers: [
      ['accept', 'text/html'],
      ['origin', draw.chance(0.8) ? target.stack.url : oneLine(draw.nasty())],
      ['cookie', oneLine(form.cookie)],
      [
        'content-type',
        multipart ? `multipart/form-data; boundary=${oneLine(draw.nasty())}` : 'application/x-www-form-urlencoded',
      ],
    ],
    body: multipart ? draw.nasty() : new URLSearchParams(fields).toString(),
  };
}

function authorizationRequest(draw: Draw, target: Target): Shot {
  const url = new URL(target.authorize, target.stack.url);
  for (let changes = 1 + draw.int(3); changes > 0; changes -= 1) {
    const name = draw.oneOf([...url.searchParams.keys(), 'request', 'prompt', 'dpop_jkt', 'response_mode']);
    const how = draw.int(5);
    if (how === 0) url.searchParams.delete(name);
    else if (how === 1) url.searchParams.append(name, wellFormed(draw.nasty()));
    else url.searchParams.set(name, wellFormed(spoil(draw, url.searchParams.get(name) ?? '')));
  }
  return { method: 'GET', target: url.pathname + url.search, headers: [['accept', 'text/html']] };
}

/** RFC 7591. */
function registration(draw: Draw): Shot {
  const metadata: Record<string, unknown> = {
    client_name: draw.nasty(),
    redirect_uris: [draw.oneOf(['http://127.0.0.1:1/cb', 'https://a.example/cb', 'cursor://x/cb', draw.nasty()])],
    token_endpoint_auth_method: draw.oneOf(['none', 'client_secret_basic', draw.nasty()]),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  if (draw.chance(0.6)) {
    metadata[draw.oneOf([...Object.keys(metadata), 'jwks', 'logo_uri', 'client_uri', 'scope', 'contacts'])] =
      draw.json();
  }
  return {
    method: 'POST',
    target: '/register',
    headers: [['content-type', 'application/json']],
    body: spoiledJson(draw, metadata),
  };
}
