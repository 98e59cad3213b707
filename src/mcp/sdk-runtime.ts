/**
 * What the MCP SDK takes from its runtime, in place of its own file for workerd (`[alias]` in wrangler.toml). That one
 * brings a JSON Schema validator, which the SDK uses for `elicitInput()` and for the tools of its `McpServer`. This
 * server calls neither: arguments are checked with the catalogue's schemas, answers of people in `confirm.ts`. Its
 * schemas are built when they are first used, not while the Worker starts.
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('This build of the MCP SDK has no JSON Schema validator.');
  }
}
