import { MongoClient } from 'mongodb';
import { plainKey, plainText, type StoreClient } from '../../../testing/store-client.js';

type Document = { _id: string; value: string };

/** Reads the collection that components/stores/mongodb names, from a server at `host:port`. */
export function mongodbClient(address: string): StoreClient {
  return {
    values: async () => {
      const client = await MongoClient.connect(`mongodb://${address}/?directConnection=true`);
      try {
        const documents = await client.db('purchases').collection<Document>('state').find().toArray();
        return new Map(documents.map(({ _id, value }) => [plainKey(_id), plainText(value)]));
      } finally {
        await client.close();
      }
    },
  };
}
