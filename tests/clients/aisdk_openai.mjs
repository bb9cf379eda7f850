// The AI SDK with `@ai-sdk/openai`, which speaks responses by default.
//
// Keep no state at the vendor (`store: false`): else it sends references to what the vendor kept, and they are refused.
import { embed } from 'ai'

import { ASK, KEY, URL, isVector, run } from './asked.mjs'
import { checks } from './aisdk.mjs'
// settings
import { createOpenAI } from '@ai-sdk/openai'

const openai = createOpenAI({ baseURL: `${URL}/v1`, apiKey: KEY })
const providerOptions = { openai: { store: false } }
// end

const { plain, stream, tools, structured, refusal } = checks(openai, { providerOptions })

async function embeddings() {
  isVector((await embed({ model: openai.embedding('acme-large'), value: ASK })).embedding)
}

await run({ plain, stream, tools, structured, embeddings, refusal })
