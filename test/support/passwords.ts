/** Of the people of examples/demo. */
export const PASSWORDS = { ada: 'thin and crisp', grace: 'layer by layer' }
