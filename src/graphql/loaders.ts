import DataLoader from 'dataloader';

export type Batch<V> = (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>;

/**
 * The batching of one request: everything that hangs below a list is asked for here, so that fifty rows cost as many
 * statements as two. A batch is told apart by its name and arguments; the function of the first caller serves all.
 */
export class Loaders {
  private readonly byName = new Map<string, DataLoader<string, unknown>>();
  private readonly known = new Map<string, Map<string, unknown>>();

  /** What was read beside something else: whoever asks that batch for the key has it already. */
  know(name: string, key: string, value: unknown): void {
    const values = this.known.get(name) ?? new Map<string, unknown>();
    this.known.set(name, values.set(key, value));
  }

  /** The value for the key, or undefined when the batch has none for it. */
  async find<V>(name: string, key: string, batch: Batch<V>, args?: object): Promise<V | undefined> {
    const id = args === undefined ? name : `${name}${stable(args)}`;
    const known = this.known.get(id);
    if (known?.has(key)) return known.get(key) as V;
    let loader = this.byName.get(id);
    if (loader === undefined) {
      loader = new DataLoader<string, unknown>(async (keys) => {
        const found = await batch(keys);
        return keys.map((each) => found.get(each));
      });
      this.byName.set(id, loader);
    }
    try {
      return (await loader.load(key)) as V | undefined;
    } catch (error) {
      // What failed is asked anew, where somebody asks again.
      loader.clear(key);
      throw error;
    }
  }

  /** The value for a key that must have one. */
  async get<V>(name: string, key: string, batch: Batch<V>, args?: object): Promise<V> {
    const value = await this.find(name, key, batch, args);
    if (value === undefined) throw new Error(`The batch "${name}" has no value for ${key}.`);
    return value;
  }
}

function stable(args: object): string {
  return JSON.stringify(args, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
