// The AI SDK with its OpenAI provider, which speaks responses unless told otherwise: node ai.mjs CASE URL KEY NOTE
import assert from 'node:assert/strict'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, Output, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const [name, url, key, note] = process.argv.slice(2)
const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key })
const model = openai('acme-large')
// nothing is kept at the vendor, so that each step sends again what was said
const stateless = { maxRetries: 0, providerOptions: { openai: { store: false, include: ['reasoning.encrypted_content'] } } }
const prompt = `Summarise: ${note}.`
const echo = `You said: ${prompt}`
const booked = []
const booking = {
  model, stopWhen: stepCountIs(3), messages: [{ role: 'user', content: 'Book a visit for Mr. Harold Finchley.' }],
  tools: {
    book: tool({
      description: 'Books a visit.', inputSchema: z.object({ who: z.string() }),
      execute: async ({ who }) => { booked.push(who); return `Booked for ${who} at 9.` },
    }),
  },
}

const cases = {
  async plain() {
    const { text, usage } = await generateText({ model, prompt, ...stateless })
    assert.equal(text, echo)
    assert.equal(usage.outputTokens, 7)
  },

  async streamed() {
    let text = ''
    for await (const piece of streamText({ model, prompt, ...stateless }).textStream) text += piece
    assert.equal(text, echo)
  },

  async toolAndResult() {
    const { text } = await generateText({ ...booking, ...stateless })
    assert.match(text, /Done for .*Harold Finchley/)
    assert.match(booked[0], /Harold Finchley/)
  },

  async toolStreamed() {
    let text = ''
    for await (const piece of streamText({ ...booking, ...stateless }).textStream) text += piece
    assert.match(text, /Done for .*Harold Finchley/)
    assert.match(booked[0], /Harold Finchley/)
  },

  async document() {
    const output = Output.object({ schema: z.object({ who: z.string() }) })
    const answer = await generateText({ model, prompt: 'Who is Mr. Harold Finchley?', output, ...stateless })
    assert.match(answer.output.who, /Harold Finchley/)
  },

  async toolWithStateAtTheVendor() {
    // by default it names items that the vendor keeps
    await assert.rejects(generateText({ ...booking, maxRetries: 0 }), /vendor-state/)
  },

  async toolOfTheVendor() {
    const tools = { search: openai.tools.webSearch({}) }
    await assert.rejects(generateText({ model, prompt: 'Search.', tools, ...stateless }), /hosted-tool/)
  },

  async cutOff() {
    const failed = []
    const { fullStream } = streamText({ model, prompt: 'Go on.', ...stateless, onError() {} })
    await assert.rejects((async () => {
      for await (const part of fullStream) if (part.type === 'error') failed.push(part.error)
    })())
    assert.match(JSON.stringify(failed), /upstream-malformed/)
  },
}

await cases[name]()
