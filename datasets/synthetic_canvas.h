#pragma once

#include <initializer_list>
#include <opencv2/core.hpp>
#include <vector>

namespace yoake::datasets {

// The picture under construction, drawn at twice its size so that edges come out smooth. Heat is a grey value
// of 0 to 255. Everything drawn between Begin() and End() is one object; a label map remembers which object
// is seen at each point. Internal to the generator of synthetic scenes.
class Canvas {
 public:
  Canvas(int width, int height);

  double width() const { return width_; }  // Of the final picture; all coordinates below are in its pixels.
  double height() const { return height_; }

  void Begin(int object);  // From 1; what is drawn outside of Begin and End belongs to nothing and hides.
  struct Extent {
    cv::Rect2d box;
    double pixels = 0;  // Area, in pixels of the final picture.
  };
  Extent End();                      // All of the object inside the picture, as if nothing stood in front.
  Extent Visible(int object) const;  // What can be seen of it now.
  // Of its final pixels, CV_8U, those that it fills by half at least (not 0); what Visible() covers.
  cv::Mat Silhouette(int object) const;

  void Fill(const std::vector<cv::Point2d>& polygon, double heat);
  void Disc(cv::Point2d centre, double radius_x, double radius_y, double heat, double angle_deg = 0);
  void Ring(cv::Point2d centre, double radius_x, double radius_y, double thickness, double heat);
  void Limb(std::initializer_list<cv::Point2d> joints, double thickness, double heat);

  // Adds heat in a soft spot: a shadow, a warm patch of ground. Never part of an object.
  void Glow(cv::Point2d centre, double radius_x, double radius_y, double heat);

  // Adds smooth random texture to everything drawn so far; `coarse` holds it at low resolution.
  void Texture(const cv::Mat& coarse);

  // The picture at its final size, as floats.
  cv::Mat Picture() const;

 private:
  cv::Point Fixed(cv::Point2d point) const;
  template <typename Draw>
  void Everywhere(double heat, Draw draw);
  Extent ExtentOf(const cv::Mat& mask) const;

  int width_;
  int height_;
  int object_ = 0;
  cv::Mat heat_;   // CV_32F.
  cv::Mat label_;  // CV_8U: the object seen here, 0 is none.
  cv::Mat own_;    // CV_8U: the current object's silhouette.
};

}  // namespace yoake::datasets
