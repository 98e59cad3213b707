/** The one tenant there is until tenants can be added: issuer at the origin, resource at `/mcp`. */
export const DEFAULT_TENANT = 'default';
