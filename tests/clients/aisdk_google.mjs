// The AI SDK with `@ai-sdk/google`.
//
// The address has a `/v1beta`, unlike that of Google's own client.
import { embed } from 'ai'

import { ASK, KEY, URL, isVector, run } from './asked.mjs'
import { checks } from './aisdk.mjs'
// settings
import { createGoogleGenerativeAI } from '@ai-sdk/google'

const google = createGoogleGenerativeAI({ baseURL: `${URL}/v1beta`, apiKey: KEY })
// end

const { plain, stream, tools, structured, refusal } = checks(google)

async function embeddings() {
  isVector((await embed({ model: google.embedding('acme-large'), value: ASK })).embedding)
}

await run({ plain, stream, tools, structured, embeddings, refusal })
