// Written by `python -m tests.payload_types` from the TypedDicts beside the widgets: change those.

/**
 * @typedef {object} AlgorithmLine
 * @property {string | Text} text
 * @property {number} indent
 * @property {string[]} uses
 */

/**
 * @typedef {object} AlgorithmMoment
 * @property {number} line
 * @property {Record<string, string>} images
 * @property {Record<string, string>} numbers
 */

/**
 * @typedef {object} AlgorithmValue
 * @property {string | Text} title
 * @property {string | Text} remark
 * @property {AlgorithmLine[]} lines
 * @property {AlgorithmMoment[]} moments
 */

/**
 * @typedef {object} Text
 * @property {string} text
 * @property {(string | Text | number | (string | Text | number)[])[]} values
 */

/**
 * @typedef {object} QuestionEntry
 * @property {string} id
 * @property {string} text
 * @property {string} about
 * @property {string[]} [options]
 * @property {number} [low]
 * @property {number} [high]
 * @property {number} [step]
 * @property {string} [unit]
 * @property {number | null} truth
 */

/**
 * @typedef {object} PollResult
 * @property {number[]} counts
 * @property {number[]} middle
 * @property {number | null} truth
 * @property {number} near
 */

/**
 * @typedef {object} ClassNews
 * @property {number} round
 * @property {string | null} question
 * @property {PollResult | null} result
 * @property {string | null} stage
 * @property {number} turn
 * @property {boolean} drawing
 */

/**
 * @typedef {object} ClassDrawing
 * @property {number} number
 * @property {number} digit
 * @property {string} pixels
 */

/**
 * @typedef {object} ClassReport
 * @property {number} round
 * @property {string | null} question
 * @property {PollResult | null} result
 * @property {string | null} stage
 * @property {number} turn
 * @property {boolean} drawing
 * @property {number} members
 * @property {number} answered
 * @property {number[]} drawings
 * @property {ClassDrawing[]} new
 * @property {number | null} minutes_left
 */

/**
 * @typedef {object} OpenedClass
 * @property {string} code
 * @property {string} secret
 * @property {string} link
 * @property {string} qr
 * @property {boolean} local
 */

/**
 * @typedef {object} ClassRefusal
 * @property {string | Text} told
 */

/**
 * @typedef {object} ClassroomValue
 * @property {QuestionEntry[]} questions
 * @property {Record<string, string>} lessons
 * @property {Record<string, string>} views
 */

/**
 * @typedef {object} DeskSchedule
 * @property {string} kind
 * @property {number[]} signal
 * @property {number[]} noise
 */

/**
 * @typedef {object} DeskValue
 * @property {number} T
 * @property {number} t
 * @property {string} x_0
 * @property {string} eps
 * @property {DeskSchedule[]} schedules
 * @property {number} label
 * @property {string | Text} caption
 * @property {string | Text} warning
 * @property {number[]} strip
 * @property {Record<string, any>} link
 * @property {string} plot
 */

/**
 * @typedef {object} Plane
 * @property {string} axes
 * @property {number[]} offset
 * @property {number} unit
 */

/**
 * @typedef {object} FilmEnding
 * @property {"fork" | "futures"} kind
 * @property {number} t
 * @property {string} [into]
 * @property {Tile[]} [tiles]
 * @property {string | Text} [sentence]
 */

/**
 * @typedef {object} DeviceJob
 * @property {string} model
 * @property {string[]} strips
 * @property {number} n
 * @property {string} sampler
 * @property {Record<string, any>} table
 * @property {number[]} seeds
 * @property {number[]} labels
 * @property {string} x_0
 * @property {number[]} fork_seeds
 * @property {number} first
 * @property {number} stride
 * @property {number} total
 * @property {Plane} [plane]
 * @property {FilmEnding} [ending]
 * @property {string} [done]
 * @property {boolean} [patient]
 * @property {Record<string, any>} again
 */

/**
 * @typedef {object} LookJob
 * @property {string} model
 * @property {DeviceJob} film
 * @property {number} number
 * @property {number} t
 * @property {number} picture
 */

/**
 * @typedef {object} GuessJob
 * @property {string} model
 * @property {number[]} t
 * @property {number} label
 * @property {string} x_0
 * @property {string} eps
 * @property {number[]} signal
 * @property {number[]} noise
 * @property {number} [left_out]
 * @property {number[][]} to_x_0
 */

/**
 * @typedef {object} RescueJob
 * @property {DeviceJob} film
 * @property {boolean | null} bet
 */

/**
 * @typedef {object} TrainingJob
 * @property {string} training
 * @property {string} model
 * @property {string} reader
 * @property {string} data
 * @property {number} pictures
 * @property {boolean} floats
 * @property {number} seed
 * @property {number} seconds
 * @property {number} T
 * @property {Record<string, any>} table
 * @property {number[]} labels
 * @property {number} checkpoints
 * @property {number} drawing_share
 * @property {number} least
 */

/**
 * @typedef {object} TrainingOrder
 * @property {"go on" | "rewind"} what
 * @property {number} seconds
 */

/**
 * @typedef {object} FilmRest
 * @property {string} [run]
 * @property {number} [n]
 * @property {("x_t" | "x0_hat" | "eps_hat")[]} [strips]
 * @property {number} [T]
 * @property {string | Text} [resting]
 * @property {number} [stop_at]
 * @property {"when seen" | "now"} [begin]
 * @property {number} [wish]
 * @property {number[]} [learnt]
 * @property {string | Text} [drawer]
 * @property {string} [tag]
 */

/**
 * @typedef {object} FilmValue
 * @property {string} run
 * @property {number} start
 * @property {number} count
 * @property {number} total
 * @property {number} n
 * @property {28} w
 * @property {28} h
 * @property {("x_t" | "x0_hat" | "eps_hat")[]} strips
 * @property {number[]} t
 * @property {string} data
 * @property {string} [places]
 * @property {boolean} done
 * @property {string | Text} status
 * @property {number} seconds
 * @property {number[]} labels
 * @property {number[]} [learnt]
 * @property {string | Text} [drawer]
 * @property {string} [tag]
 * @property {boolean} [by_device]
 * @property {DeviceJob} [device]
 * @property {Record<string, any>} [settings]
 */

/**
 * @typedef {object} TakeOver
 * @property {Record<string, any>} settings
 * @property {string} trouble
 * @property {number} [t]
 * @property {number} [picture]
 */

/**
 * @typedef {object} FilmQuestion
 * @property {Record<string, any>} settings
 * @property {number} t
 * @property {number} picture
 * @property {string} [trouble]
 */

/**
 * @typedef {object} GuessValue
 * @property {string} key
 * @property {number[]} t
 * @property {number} start
 * @property {number} T
 * @property {number[]} signal
 * @property {number[]} noise
 * @property {string} x_0
 * @property {string} eps
 * @property {number[]} bounds
 * @property {string | Text} caption
 * @property {Record<string, any>} link
 * @property {string} [eps_hat]
 * @property {number[]} [error]
 * @property {number[]} [x0_error]
 * @property {GuessJob} [device]
 * @property {boolean} [by_device]
 * @property {string | Text} [why]
 */

/**
 * @typedef {object} Guesser
 * @property {"zero" | "network" | "fair" | "heart"} name
 * @property {string} x0_hat
 * @property {number[]} error
 */

/**
 * @typedef {object} GuessersValue
 * @property {string} key
 * @property {number[]} t
 * @property {number} start
 * @property {number} T
 * @property {string} x_t
 * @property {Guesser[]} guessers
 */

/**
 * @typedef {object} LabCheckpoint
 * @property {number} seconds
 * @property {number} step
 * @property {number[]} t
 * @property {number} count
 * @property {number} n
 * @property {number[]} asked
 * @property {number[]} read
 * @property {string} data
 */

/**
 * @typedef {object} LabResting
 * @property {true} resting
 * @property {LabCheckpoint[]} checkpoints
 */

/**
 * @typedef {object} LabValue
 * @property {string} run
 * @property {string | Text} about
 * @property {number} turn
 * @property {string} model
 * @property {number} T
 * @property {((number | null)[])[]} points
 * @property {number} progress
 * @property {number} seconds_left
 * @property {number} clock_left
 * @property {number} images_seen
 * @property {number} images_per_second
 * @property {string | Text} status
 * @property {boolean} running
 * @property {boolean} own
 * @property {LabCheckpoint[]} checkpoints
 * @property {TrainingJob} [device]
 * @property {TrainingOrder} [order]
 */

/**
 * @typedef {object} Trained
 * @property {string} run
 * @property {number} step
 * @property {number} seconds
 * @property {string} weights
 * @property {string} [broke]
 */

/**
 * @typedef {object} TrainingGivenBack
 * @property {string} trouble
 */

/**
 * @typedef {object} LabFile
 * @property {string} [name]
 * @property {string} [data]
 * @property {string | Text} [problem]
 */

/**
 * @typedef {object} LanguageValue
 * @property {Record<string, string>} names
 */

/**
 * @typedef {object} LeapsEnd
 * @property {number} t
 * @property {string} data
 * @property {string} places
 * @property {number} seconds
 */

/**
 * @typedef {object} LeapsNews
 * @property {number} column
 * @property {number} count
 * @property {number} start
 * @property {number} total
 * @property {number[]} t
 * @property {string} data
 * @property {string} [places]
 * @property {boolean} done
 * @property {number} seconds
 */

/**
 * @typedef {object} LeapsValue
 * @property {string} run
 * @property {number[]} columns
 * @property {(string | Text)[]} captions
 * @property {string | Text} drawer
 * @property {number} t_start
 * @property {number} n
 * @property {LeapsNews[]} news
 * @property {string | Text} status
 * @property {(LeapsEnd | null)[]} [ends]
 * @property {string} [begin]
 * @property {DeviceJob[]} [device]
 * @property {string | Text} [over]
 */

/**
 * @typedef {object} StageKey
 * @property {string} key
 * @property {string} words
 * @property {string} act
 * @property {boolean} server
 * @property {string} then
 */

/**
 * @typedef {object} SceneEntry
 * @property {string} id
 * @property {string} tab
 * @property {string} title
 * @property {string} question
 * @property {string[]} blocks
 * @property {string} player
 * @property {StageKey[]} keys
 */

/**
 * @typedef {object} LessonEntry
 * @property {string} id
 * @property {string} title
 * @property {string} question
 * @property {string} look_for
 * @property {string} query
 * @property {string} scene
 */

/**
 * @typedef {object} ControlEntry
 * @property {string} name
 * @property {string} label
 */

/**
 * @typedef {object} QrCode
 * @property {string[]} rows
 * @property {string | Text} [problem]
 */

/**
 * @typedef {object} ViewShown
 * @property {string} tab
 * @property {Record<string, string>} values
 * @property {string} hide
 * @property {string} lock
 * @property {string} lesson
 * @property {string} present
 */

/**
 * @typedef {object} LessonBarValue
 * @property {Record<string, Record<string, string>>} defaults
 * @property {LessonEntry[]} lessons
 * @property {Record<string, ControlEntry[]>} controls
 * @property {Record<string, string>} languages
 * @property {string} space
 * @property {SceneEntry[]} scenes
 * @property {ViewShown} [view]
 * @property {number} [opening]
 * @property {(string | Text)[]} [problems]
 */

/**
 * @typedef {object} DigitReading
 * @property {number} label
 * @property {number} votes
 */

/**
 * @typedef {object} NearestDigit
 * @property {number} number
 * @property {number} label
 * @property {number} distance
 * @property {string} data
 */

/**
 * @typedef {object} Likeness
 * @property {DigitReading[]} readings
 * @property {number} votes
 * @property {number[][]} correlations
 * @property {NearestDigit} nearest
 * @property {number[]} usual
 */

/**
 * @typedef {object} CrowdNews
 * @property {string} run
 * @property {number} total
 * @property {number[]} groups
 * @property {number} each
 * @property {number[]} t
 * @property {string} places
 * @property {number[]} read
 * @property {string | Text} status
 * @property {boolean} done
 */

/**
 * @typedef {object} MapValue
 * @property {string} [address]
 * @property {string} [tab]
 * @property {("closed" | "film" | "fork" | "leaps" | "futures" | "lab" | "crowd")[]} [views]
 * @property {"closed" | "film" | "fork" | "leaps" | "futures" | "lab" | "crowd"} [view]
 * @property {CrowdNews} [crowd]
 */

/**
 * @typedef {object} MapFile
 * @property {number} n
 * @property {number} chunk
 * @property {string} places
 * @property {number} unit
 * @property {string} labels
 * @property {string} numbers
 * @property {string} axes
 * @property {number[]} offset
 * @property {number} told
 * @property {number} variance
 */

/**
 * @typedef {object} Pulse
 * @property {number} viewers
 * @property {number} films
 * @property {number} waiting
 * @property {number} picture_steps_per_second
 * @property {number} trainings
 */

/**
 * @typedef {object} Tile
 * @property {string} sign
 * @property {string | Text} name
 * @property {string | Text} note
 * @property {number} n
 * @property {string} data
 */

/**
 * @typedef {object} TilesValue
 * @property {Tile[]} tiles
 * @property {string | Text} sentence
 * @property {RescueJob} [device]
 */

/**
 * @typedef {object} Way
 * @property {"steps" | "jump"} name
 * @property {string} pictures
 * @property {string} mean
 * @property {string} variance
 * @property {number[][]} density
 * @property {number[]} means
 * @property {number[]} variances
 */

/**
 * @typedef {object} TwoWaysValue
 * @property {number[]} t
 * @property {Way[]} ways
 * @property {string} formula
 * @property {number[]} expected
 * @property {number[]} apart
 */

/**
 * @typedef {object} UploadValue
 * @property {string} picture
 * @property {string} made
 * @property {boolean} dark
 * @property {string | Text} sentence
 */

/**
 * @typedef {object} WordsValue
 * @property {string | Text} sentence
 */

export {};
