import { freshApp } from '../scale/fresh-app.ts'

export default freshApp('nothing')
