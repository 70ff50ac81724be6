/**
 * Plain names for what the built-in model finds. It was trained on Open Images,
 * whose names are finer than an alert needs ("Vehicle" beside "Car"), and on
 * things that stand about.
 *
 * @module
 */

/**
 * By the model's number, as its package lists them; null for what is never
 * reported: shoes, which come with people, and what furnishes a room.
 */
export const OPEN_IMAGES_CLASSES: readonly (string | null)[] = [
  null, // ???, the background
  "bicycle",
  null, // Boot
  "laptop",
  "person",
  null, // Chair
  "cow", // Cattle
  null, // Desk
  "cat",
  null, // Computer mouse
  null, // Computer monitor
  null, // Box
  "cup", // Mug
  "cup", // Coffee cup
  null, // Stationary bicycle
  null, // Table
  "bottle",
  null, // High heels
  "vehicle",
  null, // Footwear
  "dog",
  "book",
  "camera",
  "vehicle", // Car
];
