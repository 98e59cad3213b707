/** JSON as TypeScript sees it. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue | undefined;
}

/** True for a plain object: not null, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy of any JSON value with each of its strings changed, names of members too. Undefined members are left out. */
export function mapStrings<Value>(value: Value, change: (text: string) => string): Value {
  const copy = (item: unknown): unknown => {
    if (typeof item === 'string') return change(item);
    if (Array.isArray(item)) return item.map(copy);
    if (typeof item !== 'object' || item === null) return item;
    const copied = {};
    for (const key of Object.keys(item)) {
      const member: unknown = item[key as never];
      if (member !== undefined) put(copied, change(key), copy(member));
    }
    return copied;
  };
  return copy(value) as Value;
}

/** Sets a member, also one with the name of what an object inherits from, which JSON may have. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
