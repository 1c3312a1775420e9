/** Where embeddings are asked for, and the plainest request of Cohere's API. */
export const openai = '/v1/embeddings'
export const cohere = '/v2/embed'
export const gemini = (model: string, method: string) => `/v1beta/models/${model}:${method}`

export const cohereWish = { texts: ['one', 'two'], input_type: 'search_query' } as const
