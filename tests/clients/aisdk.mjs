// The checks of the AI SDK, whichever protocol its model speaks.
import { Output, generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'

import { AGAIN, ASK, BOOKING, UNCOVERED, WHO, book, isBooked, isEcho, isHarold } from './asked.mjs'

/** The checks of `of`, which makes a model of a name; `more` goes with every request. */
export function checks(of, more = {}) {
  const asking = { model: of('acme-large'), ...more }
  return {
    async plain() {
      isEcho((await generateText({ ...asking, prompt: ASK })).text)
    },

    async stream() {
      let text = ''
      for await (const piece of streamText({ ...asking, prompt: ASK }).textStream) text += piece
      isEcho(text)
    },

    async tools() {
      const tools = { book: tool({ description: 'Books.', inputSchema: jsonSchema(WHO), execute: async (who) => book(who) }) }
      const messages = []
      for (const content of [BOOKING, AGAIN]) {
        messages.push({ role: 'user', content })
        const made = await generateText({ ...asking, messages, tools, stopWhen: stepCountIs(3) })
        isBooked(made.text)
        messages.push(...made.responseMessages)
      }
    },

    async structured() {
      const output = Output.object({ schema: jsonSchema(WHO) })
      isHarold((await generateText({ ...asking, prompt: BOOKING, output })).output)
    },

    async refusal() {
      await generateText({ ...asking, model: of(UNCOVERED), prompt: ASK })
    },
  }
}
