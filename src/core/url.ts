/** Path of a request's URL: `/` where its `Host` header made it one that cannot be read, which is nobody's. */
export function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : '/';
}
