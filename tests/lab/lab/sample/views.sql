-- Views; their definers must have their rights by now.
SET NAMES utf8mb4;
USE shop;

CREATE DEFINER='shop_owner'@'localhost' SQL SECURITY DEFINER VIEW customer_public AS
  SELECT id, full_name, country_code, level FROM customer;
CREATE DEFINER='shop_app'@'%' SQL SECURITY INVOKER VIEW order_summary AS
  SELECT o.id, c.full_name, o.status, order_total(o.id) AS total FROM `order` o JOIN customer c ON c.id = o.customer_id;
CREATE DEFINER='reporting'@'10.0.%' VIEW sales_by_country AS
  SELECT c.country_code, COUNT(*) AS orders FROM `order` o JOIN customer_public c ON c.id = o.customer_id GROUP BY c.country_code;
CREATE VIEW `shop-archive`.`view with ``quotes``` AS SELECT `order no.` AS `no. "x"`, 'it''s' AS `what?` FROM `shop-archive`.`order lines 2019`;
