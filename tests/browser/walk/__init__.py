"""The walk of one penalty decision through the five apps, in chapters. Each chapter is told by the people who act in it."""
